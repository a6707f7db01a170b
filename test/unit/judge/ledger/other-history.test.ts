import { chown, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { judgeReplica } from '../../../../src/judge/ledger/replica.ts';
import { Observer } from '../../../../src/patroni/observer.ts';
import { readTopology } from '../../../../src/patroni/topology.ts';
import { connect } from '../../../../src/pg/connect.ts';
import { converge } from '../../../../src/run/converge.ts';
import { fillLedger, type LedgerTable } from '../../../helpers/ledger-table.ts';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import { type PostgresServer, startPostgres } from '../../../helpers/postgres.ts';
import { readAll } from '../../../helpers/read-back.ts';

const owned = ownedBySuite();
let table: LedgerTable;
let [pg2, pg3]: [PostgresServer, PostgresServer] = [] as never;

/** Two replicas of one primary are promoted apart; both are on timeline 2 then, and each writes rows of its own. */
beforeAll(async () => {
  const first = owned.use(await startPostgres());
  const size = { runId: '20990101t000000z-two', writers: 1, rowsPerWriter: 10, payloadBytes: 32 };
  table = await fillLedger(first, size);
  pg2 = owned.use(await startPostgres({ replicaOf: first }));
  pg3 = owned.use(await startPostgres({ replicaOf: first }));
  await first.stop();
  for (const server of [pg2, pg3]) await sql(server, 'SELECT pg_promote()');
  await insert(pg2, 10, 10);
  await insert(pg3, 20, 200);
}, 120_000);

async function sql(server: PostgresServer, text: string): Promise<void> {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  await session.rows(text);
}

async function insert(server: PostgresServer, from: number, rows: number): Promise<void> {
  await sql(
    server,
    `INSERT INTO ${table.name} (writer, seq, version, checksum, payload)
       SELECT 0, seq, 0, hashtextextended('x', seq::int8) # 0::int8, 'x'
         FROM generate_series(${from}, ${from + rows - 1}) AS seq`,
  );
}

/** As an operator makes it, or Patroni where pg_rewind found equal timelines and did nothing. */
async function becomesStandby(server: PostgresServer): Promise<void> {
  await server.stop();
  const file = join(server.dataDirectory, 'standby.signal');
  await writeFile(file, '');
  const { uid, gid } = await stat(server.dataDirectory);
  await chown(file, uid, gid);
  await server.start();
}

test('a standby on the timeline of its primary that holds rows of another history is flagged by converge, and by the comparison of rows', async () => {
  await becomesStandby(pg3);
  const nodes = { pg2, pg3 };
  const observers = new Map(
    Object.entries(nodes).map(([node, { endpoint, credentials }]) => {
      return [node, owned.use(new Observer(endpoint, credentials))] as const;
    }),
  );
  const locks = {
    leader: () => Promise.resolve({ leader: 'pg2', syncStandbys: [], isPaused: false, states: {} }),
  };
  const { signal } = new AbortController();
  const topology = () => readTopology(observers, locks, signal);
  const convergence = await converge({ topology }, 3_000, signal);
  expect({ ok: convergence.ok, nodes: convergence.nodes }).toEqual({
    ok: false,
    nodes: [{ node: 'pg3', what: 'pg3 is not streaming', isAhead: true }],
  });

  const { nodes: readings } = await readAll(pg2, table, {
    nodes: Object.entries(nodes).map(([name, { endpoint }]) => ({ name, observer: endpoint })),
    primary: 'pg2',
  });
  const [primary, replica] = readings;
  expect(readings.map(({ timeline }) => timeline)).toEqual([2, 2]);
  expect(judgeReplica(primary, replica!).verdict).toMatchObject({
    node: 'pg3',
    status: 'differs',
    missing: 10,
    extra: 200,
  });
  expect(judgeReplica(primary, replica!).verdict.reason).toMatch(
    /^it is on timeline 2 as the primary is, and ahead of it by \d\S* \w+: two servers have written on a timeline of that number$/,
  );
}, 120_000);
