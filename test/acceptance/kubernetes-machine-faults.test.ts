import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { endRuns, lookScript, runUntilHarmed } from '../helpers/held-lab.ts';
import { hasKubernetes, sayWhySkipped } from '../helpers/kubernetes.ts';
import { lookerOf } from '../helpers/kubernetes-cluster.ts';
import { connectPatiently, inject } from '../helpers/kubernetes-inject.ts';
import { type ScaledServer, startScaledServer } from '../helpers/kubernetes-scaled-server.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

sayWhySkipped();
afterEach(endRuns);

/** Of the pod's small disk: enough for a server, and little memory. */
const disk = { size: '160m' };

describe.skipIf(!hasKubernetes)('faults on the machine, in a pod through its helper', () => {
  const owned = ownedBySuite();
  const reports = temporaryReports();
  owned.use(reports);
  let server: ScaledServer;
  let cluster: Cluster;
  beforeAll(async () => {
    const consent = ['shaping', 'disk', 'process', 'network', 'sql'];
    server = owned.use(await startScaledServer('machine', consent, disk));
    const needs = consent;
    cluster = owned.use(
      await connectPatiently(server.bootOptions('machine', needs, { disks: server.disks })),
    );
  }, 300_000);

  const megabytes = 4;
  /** How long a client waits for an answer of some size, in ms. */
  const downloadMs = async () => {
    const startedMs = performance.now();
    await server.rows(`SELECT repeat('x', ${megabytes} * 1000000)`);
    return performance.now() - startedMs;
  };
  const answers = () => server.rows('SELECT 1').then(() => true);

  test('bandwidth: an answer takes as long as its rate asks, and none of it once it is healed', async () => {
    const fault = await inject(cluster, 'bandwidth', {
      targets: cluster.nodes,
      params: { limit: '200kB/s' },
    });
    const slowMs = await downloadMs();
    expect(await fault.lapsed()).toBeUndefined();
    await fault.heal();
    const afterMs = Math.min(await downloadMs(), await downloadMs());
    expect(slowMs).toBeGreaterThan(megabytes * 5_000 * 0.8);
    expect(afterMs).toBeLessThan(slowMs / 2);
    expect(await fault.lapsed()).toMatch(/queues on pg-0 were removed/);
  }, 180_000);

  test('packet-loss: rules with a probability are in the pod, and gone once it is healed', async () => {
    const fault = await inject(cluster, 'packet-loss', {
      targets: cluster.nodes,
      params: { loss: '30%', from: 'clients' },
    });
    expect(await fault.lapsed()).toBeUndefined();
    const [node] = cluster.nodes;
    expect(await node?.network?.holds('packet-loss#1')).toBe(true);
    await fault.heal();
    expect(await node?.network?.holds('packet-loss#1')).toBe(false);
    expect(await answers()).toBe(true);
  }, 180_000);

  test.each(['freeze-postgres', 'freeze-node'])(
    '%s: no answer until it is healed',
    async (name) => {
      const fault = await inject(cluster, name, { targets: cluster.nodes });
      const [node] = cluster.nodes;
      expect(await node?.process?.state('postgres')).toBe('frozen');
      expect(await fault.lapsed()).toBeUndefined();
      await expect(answers()).rejects.toThrow();
      await fault.heal();
      expect(await answers()).toBe(true);
    },
    180_000,
  );

  test('freeze-process: one kind of process is frozen, and the server answers', async () => {
    const params = { process: 'checkpointer' };
    const fault = await inject(cluster, 'freeze-process', { targets: cluster.nodes, params });
    const frozen = async () =>
      (await cluster.nodes[0]?.process?.servers())?.filter(({ isFrozen }) => isFrozen) ?? [];
    expect((await frozen()).map(({ kind }) => kind)).toEqual(['checkpointer']);
    expect(await answers()).toBe(true);
    await fault.heal();
    expect(await frozen()).toEqual([]);
  }, 180_000);

  test('kill-process: the postmaster starts its processes anew, in the same container', async () => {
    const started = async () => {
      const [row] = await server.rows<{ since: string }>(
        "SELECT backend_start::text AS since FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
      );
      return row?.since;
    };
    const before = await started();
    const [pod] = await server.namespace.pods('app=pg');
    const params = { process: 'checkpointer' };
    const fault = await inject(cluster, 'kill-process', { targets: cluster.nodes, params });
    const isNew = async () => (await started()) !== before;
    await waitUntil('another checkpointer runs', isNew, { timeoutMs: 60_000, everyMs: 500 });
    await fault.heal();
    const [after] = await server.namespace.pods('app=pg');
    const restarts = (one: typeof pod) => one?.status?.containerStatuses?.[0]?.restartCount;
    expect(restarts(after)).toBe(restarts(pod));
  }, 180_000);

  test('disk-full: a write that needs room fails, and the host keeps its own', async () => {
    await server.rows('CREATE TABLE filled (text text)');
    const fill = () =>
      server.rows(
        'INSERT INTO filled SELECT (SELECT string_agg(md5(random()::text || n || m), NULL) FROM generate_series(1, 50) AS m) FROM generate_series(1, 4000) AS n',
      );
    const fault = await inject(cluster, 'disk-full', {
      targets: cluster.nodes,
      params: { area: 'data' },
    });
    expect(await fault.lapsed()).toBeUndefined();
    await expect(fill()).rejects.toThrow(/No space left on device|terminat|ECONN/);
    await fault.heal();
    const isFilled = () => fill().then(() => true);
    await waitUntil('rows are written again', isFilled, { timeoutMs: 90_000, everyMs: 1_000 });
  }, 240_000);

  test('a harness that is killed leaves none of them in force after 5 s', async () => {
    // Two runs cannot have one server.
    await cluster[Symbol.asyncDispose]();
    await using looker = await lookerOf(server.params);
    const look = () => looker.inside('pg-0', lookScript);
    const step = { target: 'pg-0', isSingle: true } as const;
    const steps = [
      { ...step, fault: 'bandwidth', params: { limit: '1MB/s' } },
      { ...step, fault: 'packet-loss', params: { loss: '5%', from: 'clients' } },
      { ...step, fault: 'freeze-process', params: { process: 'checkpointer' } },
    ];
    const options = ['--cluster', server.file];
    const killed = await runUntilHarmed(reports.folder, 'killed', steps, options);
    const inForce = await look();
    killed.kill();
    const isHealed = async () => (await look()) === '';
    await waitUntil('nothing is in force', isHealed, { timeoutMs: 5_000, everyMs: 100 });
    for (const mark of ['FP-', 'f0f', 'stopped: ']) expect(inForce).toContain(mark);
  }, 240_000);
});
