import { beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { connect } from '../../src/pg/connect.ts';
import type { Session } from '../../src/pg/session.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { injectFault, nodeOf } from '../helpers/inject.ts';
import { bootLab, temporaryReports, untilShape } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

const reports = temporaryReports();
let cluster: Cluster;
const owned = ownedBySuite();
owned.use(reports);
beforeAll(async () => {
  const parameters = { wal_level: 'logical', archive_mode: 'on', archive_command: '/bin/true' };
  // Patroni drops slots that it does not know.
  const patroni = { ttl: 20, loop_wait: 1, retry_timeout: 9, ignore_slots: [{ name: 'cdc' }] };
  cluster = owned.use(await bootLab(reports.folder, { patroni, parameters }));
});

function open(node: string, name = 'test', connectTimeoutMs = 10_000): Promise<Session> {
  return connect(nodeOf(cluster, node).observer, cluster.credentials, {
    connectTimeoutMs,
    queryTimeoutMs: 20_000,
    applicationName: name,
  });
}

const controlOf = (node: string) => nodeOf(cluster, node).process!;
const serversOf = (node: string) => controlOf(node).servers();
const kindsOf = async (node: string) => [
  ...new Set((await serversOf(node)).map(({ kind }) => kind)),
];
const pidOf = async (node: string, kind: string) =>
  (await serversOf(node)).find((one) => one.kind === kind)?.pid;

async function ownPid(session: Session): Promise<number> {
  const [row] = await session.rows<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return row!.pid;
}

const whole = ['pg1 primary 1', 'pg2 replica 1 streaming', 'pg3 replica 1 streaming'];

test('every kind of process is found where it runs, by its title', async () => {
  const args = '-h /run/lab/pg1 -U postgres -d postgres --slot=cdc -P test_decoding';
  const script = `pg_recvlogical ${args} --create-slot --if-not-exists && exec pg_recvlogical ${args} --start --no-loop -f /dev/null`;
  const consumer = await nodeOf(cluster, 'pg1').shell!.open(['sh', '-c', script]);
  const common = ['postmaster', 'checkpointer', 'background-writer', 'backend'];
  const primary = [...common, 'walwriter', 'autovacuum-launcher', 'archiver', 'walsender'];
  await waitUntil(
    'the primary has every kind, a logical walsender too',
    async () => {
      const kinds: readonly string[] = await kindsOf('pg1');
      const missing = [...primary, 'logical-walsender'].filter((kind) => !kinds.includes(kind));
      if (missing.length > 0) throw new Error(`without ${missing.join(', ')}`);
      return true;
    },
    { timeoutMs: 20_000, everyMs: 200 },
  );
  expect(await kindsOf('pg2')).toEqual(
    expect.arrayContaining([...common, 'startup', 'walreceiver']),
  );
  expect(await kindsOf('pg2')).not.toContain('walwriter');
  // Without its walsender it ends.
  const params = { process: 'logical-walsender', signal: 'SIGTERM' };
  await injectFault(cluster, 'kill-process', { on: ['pg1'], params });
  await consumer.ended;
  expect(await kindsOf('pg1')).toEqual(expect.arrayContaining(['walsender']));
});

test('with its postmaster frozen a server answers its sessions and lets no other in', async () => {
  await using session = await open('pg1');
  const params = { process: 'postmaster' };
  const { heal, lapse, detail } = await injectFault(cluster, 'freeze-process', {
    on: ['pg1'],
    params,
  });
  const pid = await pidOf('pg1', 'postmaster');
  expect(detail).toMatchObject({ frozen: { pg1: [{ pid, process: 'postmaster' }] } });
  expect(await session.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await expect(open('pg1', 'test', 1_500)).rejects.toThrow();
  expect(await lapse()).toBeUndefined();
  await heal();
  await heal();
  expect(await lapse()).toBe('postmaster on pg1 was continued from outside the run');
  await using other = await open('pg1');
  expect(await other.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a checkpointer that is killed is another one afterwards, and its postmaster the same', async () => {
  const before = [await pidOf('pg3', 'postmaster'), await pidOf('pg3', 'checkpointer')];
  const params = { process: 'checkpointer' };
  const { heal } = await injectFault(cluster, 'kill-process', { on: ['pg3'], params });
  await waitUntil(
    'another checkpointer runs',
    async () => ![undefined, before[1]].includes(await pidOf('pg3', 'checkpointer')),
    { timeoutMs: 20_000, everyMs: 100 },
  );
  expect(await pidOf('pg3', 'postmaster')).toBe(before[0]);
  await heal();
  await untilShape(cluster, whole);
});

test('a kind that a node does not have is an error that says what it has, and harms nothing', async () => {
  const kill = (process: string, on: readonly string[]) =>
    injectFault(cluster, 'kill-process', { on, params: { process } });
  await expect(kill('walreceiver', ['pg1'])).rejects.toThrow(
    /^pg1: no walreceiver was found; it has: .*checkpointer/,
  );
  // pg2 has one: it is spared.
  const receiver = await pidOf('pg2', 'walreceiver');
  await expect(kill('walreceiver', ['pg2', 'pg1'])).rejects.toThrow('pg1: no walreceiver');
  expect(await pidOf('pg2', 'walreceiver')).toBe(receiver);
  await expect(kill('backend', ['pg1'])).rejects.toThrow('pg1: no backend of the load was found');
});

test('two of three backends of the load are frozen, no other session, and are continued', async () => {
  const load = await Promise.all([1, 2, 3].map((at) => open('pg1', `forkpoint load ${at}`)));
  await using other = await open('pg1', 'app');
  const pids = await Promise.all(load.map(ownPid));
  const params = { process: 'backend', count: 2 };
  const { heal } = await injectFault(cluster, 'freeze-process', { on: ['pg1'], params });
  const frozen = (await serversOf('pg1')).filter(({ isFrozen }) => isFrozen);
  expect(frozen).toHaveLength(2);
  expect(frozen.every(({ pid }) => pids.includes(pid))).toBe(true);
  expect(await other.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await expect(
    injectFault(cluster, 'freeze-process', { on: ['pg1'], params: { ...params, count: 4 } }),
  ).rejects.toThrow('pg1: 3, not 4, of backend of the load was found');
  await heal();
  expect(await Promise.all(load.map(ownPid))).toEqual(pids);
  await Promise.all(load.map((session) => session[Symbol.asyncDispose]()));
});

test('the OOM killer takes the backend that holds most memory, and the server recovers', async () => {
  const fat = await open('pg2');
  const pid = await ownPid(fat);
  const eat = `SELECT length(repeat('x', 400000000)), pg_sleep(60)`;
  const eaten = fat.rows(eat).catch((error: unknown) => String(error));
  await waitUntil(
    'it holds the memory',
    async () => (await serversOf('pg2')).some((one) => one.pid === pid && one.memoryBytes > 3e8),
    { timeoutMs: 20_000, everyMs: 100 },
  );
  const { detail } = await injectFault(cluster, 'oom-kill', { on: ['pg2'] });
  expect(detail).toMatchObject({ killed: { pg2: { pid, process: 'backend' } } });
  expect(await eaten).toMatch(/terminated|ended|closed|reset/i);
  await untilShape(cluster, whole);
});

test('without its postmaster a child lives on, and keeps a new server from starting', async () => {
  const session = await open('pg3', 'forkpoint load 1');
  const pid = await ownPid(session);
  const child = { process: 'backend' };
  const { heal } = await injectFault(cluster, 'freeze-process', { on: ['pg3'], params: child });
  await injectFault(cluster, 'kill-process', { on: ['pg3'], params: { process: 'postmaster' } });
  const log = async () => {
    const read = ['sh', '-c', 'grep -rhs "pre-existing shared memory block" /run/lab/pg3 || true'];
    return (await nodeOf(cluster, 'pg3').shell!.run(read)).stdout;
  };
  await waitUntil('a start was refused', async () => (await log()) !== '', {
    timeoutMs: 30_000,
    everyMs: 500,
  });
  expect(await serversOf('pg3')).toMatchObject([{ pid, kind: 'backend', isFrozen: true }]);
  await heal();
  await untilShape(cluster, whole);
  await session[Symbol.asyncDispose]();
});

test('a signal that meets nothing is an error, and no fault in force', async () => {
  const { heal: thaw } = await injectFault(cluster, 'freeze-patroni', { on: ['pg3'] });
  const { heal } = await injectFault(cluster, 'kill-postgres', { on: ['pg3'] });
  for (const fault of ['kill-postgres', 'freeze-postgres', 'oom-kill']) {
    await expect(injectFault(cluster, fault, { on: ['pg3'] })).rejects.toThrow(
      /no process of (postgres|PostgreSQL) was found/,
    );
  }
  await thaw();
  await heal();
  await untilShape(cluster, whole);
});

test.each(['smart', 'fast', 'immediate'])(
  'a %s shutdown ends the server of a replica, and Patroni starts another',
  async (mode) => {
    await untilShape(cluster, whole);
    const before = await pidOf('pg3', 'postmaster');
    const params = { mode, ...(mode === 'smart' && { patience: '1s' }) };
    const fault = await injectFault(cluster, 'shutdown-postgres', { on: ['pg3'], params });
    expect(fault.detail).toMatchObject({ mode, stopped: { pg3: {} } });
    // Patroni's own session never leaves.
    if (mode === 'smart') {
      expect(fault.detail).toMatchObject({ stopped: { pg3: { isFollowedByFast: true } } });
    }
    await fault.heal();
    await untilShape(cluster, whole);
    expect(await pidOf('pg3', 'postmaster')).not.toBe(before);
  },
);
