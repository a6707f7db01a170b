import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { connect } from '../../../../src/pg/connect.ts';
import { formatLsn } from '../../../../src/pg/lsn.ts';
import type { Session } from '../../../../src/pg/session.ts';
import { readTransactions } from '../../../../src/pg/wal/read-transactions.ts';
import { unbroken, walSegments } from '../../../../src/pg/wal/segments.ts';
import { run } from '../../../../src/std/exec.ts';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../../helpers/postgres.ts';

const owned = ownedBySuite();
let server: PostgresServer;
let session: Session;

beforeAll(async () => {
  const parameters = {
    fsync: 'off',
    autovacuum: 'off',
    max_prepared_transactions: '5',
    wal_keep_size: '256MB',
  };
  server = owned.use(await startPostgres({ parameters }));
  const options = { connectTimeoutMs: 5_000 };
  session = owned.use(await connect(server.endpoint, server.credentials, options));
  await session.rows('CREATE TABLE item (id int PRIMARY KEY, payload text)');
});

/** The end of each transaction as pg_waldump prints it: LSN, transaction, kind, time. */
async function dumped(): Promise<readonly string[]> {
  const folder = path.join(server.dataDirectory, 'pg_wal');
  const program = path.join(server.binDirectory, 'pg_waldump');
  const segments = unbroken(await walSegments(folder), 1);
  const first = path.basename(segments[0]?.file ?? '');
  const { stdout } = await run([
    program,
    '-p',
    folder,
    '-t',
    '1',
    '-r',
    'Transaction',
    first,
    path.basename(segments.at(-1)?.file ?? ''),
  ]);
  return stdout.split('\n').flatMap((line) => {
    const shape =
      /tx: +(\d+), lsn: (\S+), .*desc: (COMMIT|ABORT)(?:_PREPARED)? (?:(\d+): |.*?)?(\d{4}-\S+ \S+)/;
    const [, xid, lsn, kind, prepared, time] = shape.exec(line) ?? [];
    if (lsn === undefined) return [];
    return [`${lsn} ${prepared ?? xid} ${kind?.toLowerCase()} ${time}`];
  });
}

async function read(): Promise<readonly string[]> {
  const segments = await walSegments(path.join(server.dataDirectory, 'pg_wal'));
  const { transactions } = await readTransactions(unbroken(segments, 1));
  return transactions.map(({ lsn, xid, kind, atMs }) => {
    const [high = '', low = ''] = formatLsn(lsn).split('/');
    const text = `${high}/${low.padStart(8, '0')}`;
    return `${text} ${xid} ${kind} ${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')}`;
  });
}

const toSeconds = (line: string) => line.replace(/\.\d+$/, '');

test('every commit and abort is read as pg_waldump prints it, over pages, files and a switch of the file', async () => {
  await session.rows('SELECT pg_switch_wal()');
  for (let id = 0; id < 40; id++) {
    await session.rows(`INSERT INTO item VALUES ($1, repeat('x', 900))`, [id]);
  }
  await session.rows('SELECT pg_switch_wal()');
  // Two files full: a record crosses from one to the next.
  await session.rows(
    `INSERT INTO item SELECT g, repeat('y', 1500) FROM generate_series(1000, 16000) g`,
  );
  await session.rows('BEGIN');
  await session.rows(`INSERT INTO item VALUES (100, 'a')`);
  await session.rows('SAVEPOINT s');
  await session.rows(`INSERT INTO item VALUES (101, 'b')`);
  await session.rows('COMMIT');
  await session.rows('BEGIN');
  await session.rows(`INSERT INTO item VALUES (102, 'c')`);
  await session.rows('ROLLBACK');
  await session.rows('BEGIN');
  await session.rows(`INSERT INTO item VALUES (103, 'd')`);
  await session.rows(`PREPARE TRANSACTION 'p'`);
  await session.rows(`COMMIT PREPARED 'p'`);
  await session.rows('BEGIN');
  await session.rows('CREATE TABLE other (id int)');
  await session.rows(`PREPARE TRANSACTION 'q'`);
  await session.rows(`ROLLBACK PREPARED 'q'`);
  const found = await read();
  expect(found).toEqual((await dumped()).map(toSeconds));
  expect(found.length).toBeGreaterThan(45);
});

test('the position that an insert returns is the end of the last record of its transaction, of subtransactions too', async () => {
  const position = 'RETURNING pg_current_wal_insert_lsn()::text AS lsn';
  const [plain] = await session.rows<{ lsn: string }>(
    `INSERT INTO item VALUES (200, 'e') ${position}`,
  );
  await session.rows('BEGIN');
  await session.rows(`INSERT INTO item VALUES (201, 'f')`);
  await session.rows('SAVEPOINT s');
  const [nested] = await session.rows<{ lsn: string }>(
    `INSERT INTO item VALUES (202, 'g') ${position}`,
  );
  await session.rows('COMMIT');
  const segments = await walSegments(path.join(server.dataDirectory, 'pg_wal'));
  const { transactions } = await readTransactions(unbroken(segments, 1));
  const ends = transactions.slice(-2).map(({ lastRecord, subtransactions }) => ({
    lastRecord: formatLsn(lastRecord ?? 0),
    subtransactions: subtransactions.length,
  }));
  expect(ends).toEqual([
    { lastRecord: plain?.lsn, subtransactions: 0 },
    { lastRecord: nested?.lsn, subtransactions: 1 },
  ]);
});
