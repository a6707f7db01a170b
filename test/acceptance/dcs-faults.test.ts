import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster, DcsControl } from '../../src/contracts/cluster.ts';
import { resolveDcsTargets } from '../../src/nemesis/resolve-dcs-targets.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { injectFault, nodeOf } from '../helpers/inject.ts';
import { bootLab, temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

const reports = temporaryReports();
let cluster: Cluster;
let dcs: DcsControl;
const owned = ownedBySuite();
owned.use(reports);
const signal = AbortSignal.timeout(300_000);
const longWait = { timeoutMs: 60_000, everyMs: 100 };

beforeAll(async () => {
  const patroni = { ttl: 20, loop_wait: 1, retry_timeout: 3 };
  cluster = owned.use(await bootLab(reports.folder, { patroni }));
  dcs = cluster.dcs!;
});

async function targetsOf(target: string): Promise<readonly string[]> {
  const topology = await cluster.topology(signal);
  const { nodes } = cluster;
  const context = { nodes, topology, random: () => 0, signal };
  return (await resolveDcsTargets(target, dcs, context)).map(({ name }) => name);
}

function untilWritten(value: string): Promise<true> {
  return waitUntil(
    `a node is primary and takes ${value}`,
    async () => {
      const { leader = '' } = await cluster.topology(signal);
      await nodeOf(cluster, leader).sql!.query(`SELECT set_config('x.y', $1, false)`, [value]);
      const [row] = await nodeOf(cluster, leader).sql!.query('SELECT pg_is_in_recovery() AS is');
      if (row?.is !== false) throw new Error(`${leader} is in recovery`);
      return true as const;
    },
    longWait,
  );
}

describe('a target of members of the DCS', () => {
  it('dcs-leader is the one that the others follow, and another one once it is frozen', async () => {
    const [leader = ''] = await targetsOf('dcs-leader');
    expect(dcs.members).toContain(leader);
    const { heal } = await injectFault(cluster, 'dcs-outage', {
      on: [leader],
      params: { how: 'freeze' },
    });
    const next = await waitUntil(
      'another member leads',
      async () => {
        const now = await dcs.leader(signal);
        if (now === undefined) throw new Error('none says so');
        return now;
      },
      longWait,
    );
    expect(next).not.toBe(leader);
    await heal();
  });

  it('dcs-member of a node is the one that its Patroni is connected to, and another once that hangs', async () => {
    const [member = ''] = await targetsOf('dcs-member of leader');
    expect(dcs.members).toContain(member);
    const { heal } = await injectFault(cluster, 'dcs-outage', {
      on: [member],
      params: { how: 'kill' },
    });
    const { leader = '' } = await cluster.topology(signal);
    await waitUntil(
      `Patroni on ${leader} is connected to another member than ${member}`,
      async () => {
        const now = await dcs.memberOf(leader);
        if (now === member) throw new Error(`still ${now}`);
        return true;
      },
      longWait,
    );
    await heal();
    expect(await dcs.state(member)).toBe('running');
  });

  it('that is no member is an error with the members', async () => {
    await expect(targetsOf('etcd9')).rejects.toThrow(
      'no member of the DCS is etcd9: pg1, pg2, pg3',
    );
  });
});

it('a slow member stands still for a part of the time, until it is healed', async () => {
  const params = { stopped: '300ms', running: '100ms' };
  const { heal, lapse, detail } = await injectFault(cluster, 'dcs-slow', { params });
  expect(detail).toEqual({ slowed: ['pg1', 'pg2', 'pg3'], of: 3 });
  const seen = new Set<string>();
  await waitUntil(
    'the member was seen running and frozen',
    async () => {
      seen.add(await dcs.state('pg2'));
      return seen.has('frozen') && seen.has('running') ? true : undefined;
    },
    longWait,
  );
  expect(await lapse()).toBeUndefined();
  await heal();
  await heal();
  expect(await lapse()).toBe(
    'DCS members run as before, by something outside the run: pg1, pg2, pg3',
  );
  for (const member of dcs.members) expect(await dcs.state(member)).toBe('running');
});

it('a slow member runs again at the heal, also where the loop that stopped it was killed', async () => {
  const { heal } = await injectFault(cluster, 'dcs-slow', {
    on: ['pg2'],
    params: { stopped: '30s', running: '10ms' },
  });
  const shell = nodeOf(cluster, 'pg2').shell!;
  await waitUntil(
    'the member is frozen',
    async () => ((await dcs.state('pg2')) === 'frozen' ? true : undefined),
    longWait,
  );
  const killed = await shell.run(['sh', '-c', 'kill -KILL "$(cat /run/forkpoint-slow-etcd-pg2)"']);
  expect(killed.exitCode).toBe(0);
  await heal();
  expect(await dcs.state('pg2')).toBe('running');
});

it('a DCS without space answers reads and stores nothing, until the alarm is cleared', async () => {
  const { heal, lapse } = await injectFault(cluster, 'dcs-no-space');
  expect(await lapse()).toBeUndefined();
  const stored = () => cluster.patroni!.pause(true, AbortSignal.timeout(5_000));
  await expect(stored()).rejects.toThrow();
  expect((await cluster.topology(signal)).leader).toBeDefined();
  await heal();
  await heal();
  expect(await lapse()).toBe('the alarm NOSPACE was cleared from outside the run');
  await cluster.patroni!.pause(true, signal);
  await cluster.patroni!.pause(false, signal);
});

it('a compaction leaves only the present revision, and the leader its lock', async () => {
  const before = await cluster.topology(signal);
  const { detail } = await injectFault(cluster, 'dcs-compaction');
  expect(detail).toEqual({ revision: expect.stringMatching(/^\d+$/) as string });
  await untilWritten('compacted');
  expect((await cluster.topology(signal)).leader).toBe(before.leader);
});

it('a DCS that lost its data knows of no lock at first, and has the old one back once it is restored', async () => {
  const { heal } = await injectFault(cluster, 'dcs-loss', { params: { heal: 'restore' } });
  expect(await Promise.all(dcs.members.map((member) => dcs.state(member)))).toEqual([
    'running',
    'running',
    'running',
  ]);
  await untilWritten('with new data');
  await heal();
  await heal();
  await untilWritten('with the old data');
});
