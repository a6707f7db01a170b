import { beforeAll, describe, expect, test } from 'vitest';
import { hasKubernetes, sayWhySkipped, testNamespace } from '../helpers/kubernetes.ts';
import type { TestNamespace } from '../helpers/kubernetes.ts';
import { connectPatiently, inject } from '../helpers/kubernetes-inject.ts';
import { type ScaledServer, startScaledServer } from '../helpers/kubernetes-scaled-server.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

sayWhySkipped();

const podOf = (app: string) => ({
  metadata: { labels: { app } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'idle', image: 'forkpoint-cluster:pg17', args: ['hold'] }],
  },
});
const bare = { name: 'bare', labels: { app: 'bare' } };
const ownerOf = (kind: 'Deployment' | 'DaemonSet', app: string) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: app },
  ...{ spec: { selector: { matchLabels: { app } }, template: podOf(app) } },
});

/** It evicts the pods of every other test: it runs alone. */
describe.skipIf(!hasKubernetes)('a drain of all pods of a node', () => {
  const owned = ownedBySuite();
  let server: ScaledServer;
  let others: TestNamespace;
  beforeAll(async () => {
    server = owned.use(await startScaledServer('drain-all', ['host', 'pod', 'neighbours']));
    others = owned.use(await testNamespace('neighbours'));
    await others.apply(ownerOf('Deployment', 'neighbour'));
    await others.apply(ownerOf('DaemonSet', 'of-node'));
    for (const app of ['neighbour', 'of-node']) await others.untilReady(`app=${app}`, 1);
  }, 300_000);

  const uidOf = async (app: string) => (await others.pods(`app=${app}`))[0]?.metadata?.uid;

  test('evicts pods of other namespaces too and leaves those of DaemonSets; all come back once it is healed', async () => {
    const needs = ['host', 'pod', 'neighbours'];
    await using cluster = await connectPatiently(server.bootOptions('drain-all', needs));
    const [neighbour] = await others.pods('app=neighbour');
    const [before] = await server.namespace.pods('app=pg');
    const ofNode = await uidOf('of-node');
    const drain = { targets: cluster.nodes, params: { pods: 'all' } };
    // Nothing would bring it back, so nothing is evicted.
    await others.apply({ ...podOf('bare'), apiVersion: 'v1', kind: 'Pod', metadata: bare });
    await others.untilReady('app=bare', 1);
    const refused = await inject(cluster, 'drain', { ...drain, mayFail: true });
    expect(refused.failure).toMatch(/was not drained: no controller would bring back \S+\/bare;/);
    expect(await server.node()).toEqual({ isCordoned: false, marks: 0 });
    await others.remove('bare');
    const fault = await inject(cluster, 'drain', drain);
    const { evicted } = fault.detail as { readonly evicted: readonly string[] };
    const during = await server.node();
    const [waiting] = await others.pods('app=neighbour');
    await fault.heal();
    await server.namespace.untilReady('app=pg', 1);
    await others.untilReady('app=neighbour', 1);
    const [after] = await server.namespace.pods('app=pg');
    expect(evicted).toContain('pg-0');
    expect(evicted).toContain(`${others.name}/${neighbour?.metadata?.name ?? ''}`);
    expect(evicted.join()).not.toMatch(/forkpoint|of-node/);
    expect(during.isCordoned).toBe(true);
    expect(waiting?.status?.phase).not.toBe('Running');
    expect(await uidOf('neighbour')).not.toBe(neighbour?.metadata?.uid);
    expect(await uidOf('of-node')).toBe(ofNode);
    expect(after?.metadata?.uid).not.toBe(before?.metadata?.uid);
    expect(await server.node()).toEqual({ isCordoned: false, marks: 0 });
  }, 300_000);
});
