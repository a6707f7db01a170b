import { expect } from 'vitest';
import type { Cluster, Node } from '../../src/contracts/cluster.ts';
import { connect } from '../../src/pg/connect.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { injectFault } from './inject.ts';

/** What controls of processes, the DCS, disks and clocks must do on every backend, on one cluster of three nodes. */

const settled = { timeoutMs: 40_000, everyMs: 200 };

export async function query(cluster: Cluster, node: Node, sql: string): Promise<unknown> {
  await using session = await connect(node.observer, cluster.credentials, {
    connectTimeoutMs: 3_000,
    queryTimeoutMs: 5_000,
  });
  const [row] = await session.rows<{ value: unknown }>(sql);
  return row?.value;
}

export async function leaderOf(cluster: Cluster): Promise<string | undefined> {
  return (await cluster.topology(AbortSignal.timeout(10_000))).leader;
}

/** A clean stop ends all processes and is not a failure; a start brings the node back as a replica. */
export async function stopsAndStarts(cluster: Cluster, node: Node): Promise<void> {
  const control = node.process!;
  await control.signal('node', 'SIGTERM');
  await waitUntil('the node has stopped', async () => !(await control.isRunning('node')), settled);
  expect([await control.isRunning('patroni'), await control.isRunning('postgres')]).toEqual([
    false,
    false,
  ]);
  await control.start('node');
  await control.start('node');
  await untilStreaming(cluster, node.name);
}

/** Patroni loads its file again: a tag shows while the fault is in force, and no longer once it is healed. */
export async function tagsWhileItRuns(cluster: Cluster, node: Node): Promise<void> {
  const shown = async () => {
    const status = await cluster.patroni?.status?.(node.name, AbortSignal.timeout(5_000));
    return (status as { readonly tags?: object } | undefined)?.tags ?? {};
  };
  const before = await shown();
  const tags = { nofailover: true, rack: 'a' };
  const fault = await injectFault(cluster, 'set-tags', { on: [node.name], params: { tags } });
  expect(await shown()).toMatchObject(tags);
  await fault.heal();
  await fault.heal();
  const isAsBefore = async () => JSON.stringify(await shown()) === JSON.stringify(before);
  await waitUntil('the tags are as they were', isAsBefore, settled);
}

/** Frozen processes exist but are silent; continuing twice is the same as once. */
export async function freezesAndResumes(cluster: Cluster, node: Node): Promise<void> {
  const control = node.process!;
  await control.signal('patroni', 'SIGSTOP');
  const isServing = await query(cluster, node, 'SELECT true AS value');
  await control.signal('node', 'SIGSTOP');
  const silent = await query(cluster, node, 'SELECT true AS value').catch(() => 'silent');
  const isThere = await control.isRunning('postgres');
  await control.signal('node', 'SIGCONT');
  await control.signal('node', 'SIGCONT');
  expect([isServing, silent, isThere]).toEqual([true, 'silent', true]);
  await untilStreaming(cluster, node.name);
}

/** Without a quorum no leader lasts long; members come back with their data. */
export async function losesAndRegainsTheLock(cluster: Cluster): Promise<void> {
  const dcs = cluster.dcs!;
  expect(dcs.members).toHaveLength(3);
  const harmed = dcs.members.slice(0, 2);
  await Promise.all(harmed.map((member) => dcs.signal(member, 'SIGKILL')));
  await waitUntil(
    'there is no leader',
    async () => (await leaderOf(cluster)) === undefined,
    settled,
  );
  for (const member of harmed) await dcs.start(member);
  for (const member of harmed) await dcs.start(member);
  await waitUntil('there is a leader again', async () => await leaderOf(cluster), settled);
}

export async function freezesTheLock(cluster: Cluster): Promise<void> {
  const dcs = cluster.dcs!;
  await Promise.all(dcs.members.map((member) => dcs.signal(member, 'SIGSTOP')));
  const during = await leaderOf(cluster);
  await Promise.all(dcs.members.map((member) => dcs.signal(member, 'SIGCONT')));
  await Promise.all(dcs.members.map((member) => dcs.signal(member, 'SIGCONT')));
  expect(during).toBeUndefined();
  await waitUntil('there is a leader', async () => await leaderOf(cluster), settled);
}

/** Its members know which of them leads, and which one a node asks; they can be slow, full, compacted, and lose what they know. */
export async function wearsOutTheLock(cluster: Cluster): Promise<void> {
  const dcs = cluster.dcs!;
  const signal = AbortSignal.timeout(120_000);
  expect(dcs.members).toContain(await dcs.leader(signal));
  expect(dcs.members).toContain(await dcs.memberOf(cluster.nodes[0]!.name));
  const [slow = ''] = dcs.members;
  await dcs.slow(slow, { stoppedMs: 300, runningMs: 100 });
  const was = await dcs.isSlow(slow);
  await dcs.hasten(slow);
  await dcs.hasten(slow);
  expect([was, await dcs.isSlow(slow), await dcs.state(slow)]).toEqual([true, false, 'running']);
  await dcs.noSpace(true, signal);
  await dcs.noSpace(false, signal);
  expect(await dcs.compact(signal)).toMatch(/^\d+$/);
  await dcs.loseData('test');
  await waitUntil('there is a leader anew', async () => await leaderOf(cluster), settled);
  await dcs.restoreData('test');
  await dcs.restoreData('test');
  await waitUntil('there is a leader again', async () => await leaderOf(cluster), settled);
}

/** The server's wall clock jumps, and jumps back; this host's clock does not. */
export async function skewsTheClock(cluster: Cluster, node: Node): Promise<void> {
  const offSeconds = async () => {
    const epoch = await query(cluster, node, 'SELECT extract(epoch FROM now())::float8 AS value');
    return Math.round((Number(epoch) - Date.now() / 1000) / 60) * 60 + 0;
  };
  const before = await offSeconds();
  await node.clock!.skew(3_600_000);
  const forwards = await offSeconds();
  await node.clock!.skew(-600_000);
  const backwards = await offSeconds();
  await node.clock!.reset();
  await node.clock!.reset();
  expect([before, forwards, backwards, await offSeconds()]).toEqual([0, 3600, -600, 0]);
}

async function untilStreaming(cluster: Cluster, name: string): Promise<void> {
  await waitUntil(
    `${name} streams`,
    async () => {
      const { members } = await cluster.topology(AbortSignal.timeout(10_000));
      return members.find(({ node }) => node === name)?.isStreaming === true;
    },
    settled,
  );
}
