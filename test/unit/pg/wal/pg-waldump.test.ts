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
import {
  dumpArguments,
  dumpedTransactions,
  readTransactionsOf,
  writeTransactions,
} from '../../../helpers/wal-transactions.ts';

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
});

test('every commit and abort is read as pg_waldump prints it, over pages, files and a switch of the file', async () => {
  await writeTransactions(session);
  const folder = path.join(server.dataDirectory, 'pg_wal');
  const program = path.join(server.binDirectory, 'pg_waldump');
  const { stdout } = await run([program, '-p', folder, ...(await dumpArguments(folder))]);
  const found = await readTransactionsOf(folder);
  expect(found).toEqual(dumpedTransactions(stdout));
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
