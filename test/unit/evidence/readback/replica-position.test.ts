import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { NodeReading } from '../../../../src/contracts/evidence.ts';
import { judgeReplica } from '../../../../src/judge/ledger/replica.ts';
import { connect } from '../../../../src/pg/connect.ts';
import type { Session } from '../../../../src/pg/session.ts';
import { waitUntil } from '../../../../src/std/wait.ts';
import { fillLedger, type LedgerTable } from '../../../helpers/ledger-table.ts';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../../helpers/postgres.ts';
import { readAll } from '../../../helpers/read-back.ts';

let server: PostgresServer;
let replica: PostgresServer;
let onPrimary: Session;
let onReplica: Session;
let table: LedgerTable;
let runs = 0;

const owned = ownedBySuite();
beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  replica = owned.use(await startPostgres({ parameters: { fsync: 'off' }, replicaOf: server }));
  onPrimary = owned.use(await sessionOn(server));
  onReplica = owned.use(await sessionOn(replica));
});

/** A table on both servers, and a replica whose replay is paused. */
beforeEach(async () => {
  await onReplica.rows('SELECT pg_wal_replay_resume()');
  table = await fillLedger(server, {
    runId: `replica${runs++}`,
    writers: 1,
    rowsPerWriter: 100,
    payloadBytes: 40,
  });
  const [position] = await onPrimary.rows<{ lsn: string }>(
    'SELECT pg_current_wal_lsn()::text AS lsn',
  );
  await waitUntil('the replica has the table', () => has('replay', position!.lsn), {
    timeoutMs: 10_000,
  });
  await onReplica.rows('SELECT pg_wal_replay_pause()');
});

function sessionOn({ endpoint, credentials }: PostgresServer): Promise<Session> {
  return connect(endpoint, credentials, { connectTimeoutMs: 5_000 });
}

async function has(what: 'replay' | 'receive', lsn: string): Promise<boolean> {
  const [row] = await onReplica.rows<{ has: boolean }>(
    `SELECT pg_last_wal_${what}_lsn() >= $1::pg_lsn AS has`,
    [lsn],
  );
  return row?.has === true;
}

async function insert(seq: number): Promise<string> {
  await onPrimary.rows(
    `INSERT INTO ${table.name} SELECT 0, $1::int, 0, hashtextextended('x', $1::int8), 'x'`,
    [seq],
  );
  const [row] = await onPrimary.rows<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
  return row!.lsn;
}

async function readBoth(replayTimeoutMs?: number) {
  const nodes = [
    { name: 'pg2', observer: replica.endpoint },
    { name: 'pg1', observer: server.endpoint },
  ];
  const found = await readAll(server, table, {
    nodes,
    ...(replayTimeoutMs !== undefined && { replayTimeoutMs }),
  });
  const of = (name: string): NodeReading => found.nodes.find(({ node }) => node === name)!;
  return { primary: of('pg1'), replica: of('pg2') };
}

const isWaiting = async (): Promise<boolean> => {
  const rows = await onReplica.rows(
    `SELECT FROM pg_stat_activity WHERE application_name = 'forkpoint read-back'
       AND query LIKE '%pg_last_wal_replay_lsn() >=%'`,
  );
  return rows.length > 0;
};
const untilWaiting = () =>
  waitUntil('the replica is waited for', isWaiting, { timeoutMs: 10_000, everyMs: 10 });

const inFull = {
  node: 'pg2',
  status: 'agrees',
  reason: null,
  lagBytes: 0,
  missing: 0,
  extra: 0,
  corrupted: 0,
  stale: 0,
};

it('a replica is read once it has replayed the position at which the primary was read', async () => {
  await insert(100);
  const reading = readBoth();
  await untilWaiting();
  await onReplica.rows('SELECT pg_wal_replay_resume()');
  const { primary, replica: other } = await reading;
  expect(primary.rows).toBe(101);
  expect(judgeReplica(primary, other).verdict).toEqual(inFull);
});

it('a replica that does not get there is unverifiable, and has no missing rows', async () => {
  const [paused] = await onReplica.rows<{ lsn: string }>(
    'SELECT pg_last_wal_replay_lsn()::text AS lsn',
  );
  await insert(100);
  const { primary, replica: other } = await readBoth(200);
  const { lsn } = primary;
  expect(judgeReplica(primary, other).verdict).toEqual({
    ...inFull,
    status: 'unverifiable',
    reason: `it has replayed ${paused!.lsn}, and the primary's rows were read at ${lsn}: it did not get there within 0.2 s`,
    lagBytes: expect.any(Number) as number,
  });
  expect(other.lagBytes).toBeGreaterThan(0);
});

it('a row committed between the two snapshots is read again, and is not extra', async () => {
  await insert(100);
  const reading = readBoth();
  await untilWaiting();
  const later = await insert(101);
  await waitUntil('the replica has received it', () => has('receive', later), {
    timeoutMs: 10_000,
  });
  await onReplica.rows('SELECT pg_wal_replay_resume()');
  const { primary, replica: other } = await reading;
  expect(primary.rows).toBe(102);
  expect(judgeReplica(primary, other).verdict).toEqual(inFull);
});
