import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { PlacedWrite } from '../../../../src/judge/wal/journaled-writes.ts';
import { placeWrites, readOldWal } from '../../../../src/judge/wal/old-wal.ts';
import { connect } from '../../../../src/pg/connect.ts';
import type { Session } from '../../../../src/pg/session.ts';
import { lsnNumber } from '../../../../src/std/units/lsn.ts';
import { callCli } from '../../../helpers/call-cli.ts';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../../helpers/postgres.ts';

const owned = ownedBySuite();
let server: PostgresServer;
const sessions: Session[] = [];
const writers = 4;
const writes: PlacedWrite[] = [];
let fork = '';

const position = 'pg_current_wal_insert_lsn()::text AS lsn';

beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off', autovacuum: 'off' } }));
  for (let each = 0; each < writers; each++) {
    const session = await connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 });
    sessions.push(owned.use(session));
  }
  const [first] = sessions;
  await first?.rows('CREATE TABLE item (writer int, seq int, PRIMARY KEY (writer, seq))');
  await first?.rows('SELECT pg_switch_wal()');
  await write(50, 0);
  // A server that was never promoted has no fork point: any position that it has written serves as one.
  fork = (await first?.rows<{ lsn: string }>(`SELECT ${position}`))?.[0]?.lsn ?? '';
  await write(100, 50);
  await first?.rows('BEGIN');
  await first?.rows('INSERT INTO item VALUES (-1, 0)');
  await first?.rows('ROLLBACK');
  await first?.rows('INSERT INTO item VALUES (-1, 1)');
});

/** Every writer at once. */
async function write(count: number, from: number): Promise<void> {
  const one = async (session: Session, writer: number) => {
    for (let seq = from; seq < from + count; seq++) {
      const text = `INSERT INTO item VALUES ($1, $2) RETURNING ${position}`;
      const [row] = await session.rows<{ lsn: string }>(text, [writer, seq]);
      const lsn = lsnNumber(row?.lsn ?? '');
      const insert = { kind: 'insert', outcome: 'acknowledged', count: 1, version: 0 } as const;
      writes.push({ writer, seq, lsn, ...insert, answeredUs: 0, isNodeKnown: true });
    }
  };
  await Promise.all(sessions.map(one));
}

const read = () => readOldWal(path.join(server.dataDirectory, 'pg_wal'), { forkLsn: fork });

test('each write past the fork has its commit there, aborts and the commits of others apart', async () => {
  const wal = (await read())!;
  const { transactions, missing } = placeWrites(wal, writes);
  const held = transactions.flatMap(({ write }) => (write ? [write] : []));
  const key = ({ writer, seq }: PlacedWrite) => `${writer} ${seq}`;
  const past = writes.filter(({ lsn }) => lsn >= lsnNumber(fork));
  expect(missing).toEqual([]);
  expect(held.map(key).sort()).toEqual(past.map(key).sort());
  expect(past).toHaveLength(100 * writers);
  const others = transactions.filter(({ write }) => !write);
  expect(others.map(({ transaction }) => transaction.kind)).toEqual(['abort', 'commit']);
});

test('an acknowledged write whose commit is not in the WAL is named', async () => {
  const wal = (await read())!;
  const never = { ...writes[0]!, writer: 9, seq: 7, lsn: wal.end! + 400 };
  expect(placeWrites(wal, [...writes, never]).missing).toEqual([never]);
});

test('forkpoint wal prints the transactions of a folder of WAL files', async () => {
  const { stdout } = await callCli(['wal', path.join(server.dataDirectory, 'pg_wal')], {
    reports: server.dataDirectory,
  });
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/pg_wal: timeline 1, no fork is known; the WAL ends at 0\/[0-9A-F]+$/);
  expect(lines[1]).toMatch(/^\d+ commits, 1 aborts$/);
  expect(lines.at(-1)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{15}Z +0\/[0-9A-F]+ +\d+ +commit$/);
});
