import { CoordinationV1Api, CoreV1Api, V1MicroTime } from '@kubernetes/client-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { openApi } from '../../src/backends/kubernetes/api.ts';
import { openLocks } from '../../src/backends/kubernetes/locks.ts';
import { kubernetesParams } from '../../src/backends/kubernetes/params.ts';
import { waitUntil } from '../../src/std/wait.ts';
import {
  hasKubernetes,
  sayWhySkipped,
  testNamespace,
  type TestNamespace,
} from '../helpers/kubernetes.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

sayWhySkipped();

/** Objects as an operator writes them, without the operator. */
describe.skipIf(!hasKubernetes)('the leader lock, read from an API server', () => {
  const owned = ownedBySuite();
  let namespace: TestNamespace;
  beforeAll(async () => {
    namespace = owned.use(await testNamespace('locks'));
  }, 60_000);

  const open = async (given: object) => {
    const params = kubernetesParams.parse({
      namespace: namespace.name,
      nodes: ['c-1', 'c-2'],
      ...given,
    });
    const notes: string[] = [];
    const { signal } = new AbortController();
    const log = (sentence: string) => notes.push(sentence);
    const locks = await openLocks(openApi(params), params, { signal, log });
    return { leader: async () => (await locks?.leader(signal))?.leader, notes, locks };
  };

  test("a Lease's holder leads until it was not renewed for its time", async () => {
    const leases = namespace.config.makeApiClient(CoordinationV1Api);
    const at = { namespace: namespace.name, name: 'c' };
    const spec = {
      holderIdentity: 'c-1',
      leaseDurationSeconds: 3,
      renewTime: new V1MicroTime(),
    };
    const body = { metadata: { name: 'c' }, spec };
    await leases.createNamespacedLease({ namespace: at.namespace, body });
    const { leader, notes } = await open({ preset: 'cloudnative-pg', cluster: 'c' });
    expect([await leader(), notes]).toEqual(['c-1', []]);
    const isFree = async () => (await leader()) === undefined;
    await waitUntil('it has expired', isFree, { timeoutMs: 30_000, everyMs: 200 });
    const { metadata } = await leases.readNamespacedLease(at);
    const renewed = { ...spec, holderIdentity: 'c-2', renewTime: new V1MicroTime() };
    const next = { metadata: { ...metadata, name: 'c' }, spec: renewed };
    await leases.replaceNamespacedLease({ ...at, body: next });
    expect(await leader()).toBe('c-2');
  }, 90_000);

  test("Patroni's lock is in annotations of Endpoints", async () => {
    const core = namespace.config.makeApiClient(CoreV1Api);
    const annotations = {
      leader: 'c-2',
      ttl: '30',
      renewTime: '2026-12-01T10:00:00.000000+00:00',
    };
    const body = { metadata: { name: 'hippo-ha', annotations } };
    await core.createNamespacedEndpoints({ namespace: namespace.name, body });
    const { leader } = await open({ preset: 'crunchy', cluster: 'hippo' });
    expect(await leader()).toBe('c-2');
  }, 60_000);

  test("a preset's lock that is not there is noted; one that the file names is refused", async () => {
    const old = await open({ preset: 'cloudnative-pg', cluster: 'older' });
    expect(old.locks).toBeUndefined();
    expect(old.notes.join()).toMatch(
      /leases older .*not found; so the only primary counts as leader/,
    );
    const named = { selector: 'app=pg', credentials: { secret: 'pg' } };
    const lease = open({ ...named, lock: { lease: 'older' } });
    await expect(lease).rejects.toThrow(/get leases older in namespace .*not found/);
    const etcd = open({ ...named, lock: { etcd: 'pg' }, dcs: ['127.0.0.1:1'] });
    await expect(etcd).rejects.toThrow('lock.etcd: etcd at 127.0.0.1:1: no answer');
  }, 60_000);
});
