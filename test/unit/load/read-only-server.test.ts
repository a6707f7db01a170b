import { beforeAll, expect, test } from 'vitest';
import type { PoolSpec } from '../../../src/contracts/route.ts';
import type { Writer } from '../../../src/contracts/workload.ts';
import { LoadClock } from '../../../src/load/clock.ts';
import { Gate } from '../../../src/load/gate.ts';
import { LoadClient } from '../../../src/load/load-client.ts';
import { makePacer } from '../../../src/load/pacing.ts';
import { Tally } from '../../../src/load/tally.ts';
import { connect } from '../../../src/pg/connect.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';

const owned = ownedBySuite();
let server: PostgresServer;
beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  const open = { connectTimeoutMs: 5_000 };
  await using session = await connect(server.endpoint, server.credentials, open);
  await session.rows('CREATE TABLE t (n int)');
  await session.rows('ALTER SYSTEM SET default_transaction_read_only = on');
  await session.rows('SELECT pg_reload_conf()');
});

const insert = `INSERT INTO t VALUES (1) RETURNING pg_current_wal_insert_lsn()::text AS lsn, '00000001' AS timeline, 1 AS touched`;
const statement = { text: insert, values: [] };

/** Writes to a server that refuses writes, for a second and a half, with a deadline of 400 ms. */
async function write(pool: PoolSpec) {
  let seq = 0;
  const writer: Writer = {
    next: () => ({ kind: 'insert', seq: seq++, count: 1, version: 0, statement }),
    settle: () => undefined,
  };
  let connections = 0;
  const connector = {
    connect: async () => {
      connections++;
      const open = { connectTimeoutMs: 5_000 };
      const session = await connect(server.tcpEndpoint, server.credentials, open);
      return { session, member: 0 };
    },
    distrust: () => undefined,
    describe: () => '',
  };
  const client = new LoadClient(0, writer, { connector, pool });
  const clock = new LoadClock(process.hrtime.bigint());
  const options = { clock, durationUs: 1_500_000, profile: undefined, first: 0, every: 1 };
  const [gate, tally] = [new Gate(makePacer(options)), new Tally()];
  await client.run({ clock, gate, tally, journal: undefined, deadlineUs: 400_000, pipeline: 1 });
  client.disconnect();
  const { failed, errors } = tally.stats({ inFlight: 0, connected: 0, unstarted: 0 });
  return { connections, failed, refused: errors['25006'] };
}

test('a client that reconnects opens a connection for each refused write', async () => {
  const { connections, failed, refused } = await write({ on25006: 'reconnect' });
  expect(failed).toBeGreaterThan(1);
  expect(refused).toBe(failed);
  expect(connections).toBeGreaterThanOrEqual(failed);
});

test('a client that does not react keeps its connection, and each write is refused', async () => {
  const { connections, failed } = await write({ on25006: 'none' });
  expect(connections).toBe(1);
  expect(failed).toBeGreaterThan(3);
});

test('a client that retries keeps its connection, and a write is one with its last outcome', async () => {
  const { connections, failed } = await write({ on25006: 'retry' });
  expect(connections).toBe(1);
  // Some 300 ms for each.
  expect(failed).toBeGreaterThanOrEqual(1);
  expect(failed).toBeLessThanOrEqual(6);
});

test('a connection older than its maximum lifetime is closed before the next write', async () => {
  const { connections } = await write({ on25006: 'none', maxLifetimeMs: 300 });
  expect(connections).toBeGreaterThan(1);
  expect(connections).toBeLessThanOrEqual(7);
});
