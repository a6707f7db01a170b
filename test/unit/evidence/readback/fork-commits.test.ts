import { beforeAll, expect, test } from 'vitest';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import { readForkCommits } from '../../../../src/evidence/readback/fork-commits.ts';
import { connect } from '../../../../src/pg/connect.ts';
import type { Session } from '../../../../src/pg/session.ts';
import { startPostgres, type PostgresServer } from '../../../helpers/postgres.ts';

const owned = ownedBySuite();
let server: PostgresServer;
const sessions: Session[] = [];

beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off', autovacuum: 'off' } }));
  for (let each = 0; each < 3; each++) {
    const session = await connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 });
    sessions.push(owned.use(session));
  }
});

async function insert(session: Session, id: number): Promise<string> {
  const text = `INSERT INTO item VALUES ($1, repeat('x', 900))
    RETURNING pg_current_wal_insert_lsn()::text AS lsn`;
  const [row] = await session.rows<{ lsn: string }>(text, [id]);
  return row?.lsn ?? '';
}

function commitsBefore(lsn: string) {
  // A server that was never promoted has no fork point: any position that it has written serves as one.
  const history = [{ timeline: 2, ancestors: [{ timeline: 1, lsn, reason: 'none' }] }];
  return readForkCommits(sessions[0]!, history);
}

test('the commits before a position end at the positions that the writes returned, across pages and files', async () => {
  const [first, second] = sessions as [Session, Session];
  await first.rows('CREATE TABLE item (id int PRIMARY KEY, payload text)');
  await first.rows('SELECT pg_switch_wal()');
  const committed: string[] = [];
  for (let id = 0; id < 30; id++) committed.push(await insert(first, id));
  // Open at the fork point: its position is before it, its commit after it.
  await second.rows('BEGIN');
  const open = await insert(second, 100);
  committed.push(await insert(first, 101));
  const [row] = await first.rows<{ lsn: string }>(
    'SELECT pg_current_wal_insert_lsn()::text AS lsn',
  );
  await second.rows('COMMIT');
  await insert(first, 102);
  const [found] = await commitsBefore(row?.lsn ?? '');
  const ends = (found?.transactions ?? []).map(({ lastRecord }) => lastRecord);
  expect(ends.filter((end) => end !== null && committed.includes(end))).toEqual(committed);
  expect(ends).not.toContain(open);
});

test('WAL that the server has not written yet, or no longer has a file of, is left out', async () => {
  expect(await commitsBefore('FF/1000')).toEqual([]);
  const [row] = await sessions[0]!.rows<{ lsn: string }>(
    'SELECT (pg_current_wal_insert_lsn() + 100000)::text AS lsn',
  );
  expect(await commitsBefore(row?.lsn ?? '')).toEqual([]);
});
