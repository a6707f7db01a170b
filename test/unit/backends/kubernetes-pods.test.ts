import type { V1Pod } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import kubernetes from '../../../src/backends/kubernetes.ts';
import type { Json } from '../../../src/contracts/json.ts';
import { kubernetesParams } from '../../../src/backends/kubernetes/params.ts';
import { problemsOf, stateOf } from '../../../src/backends/kubernetes/pods.ts';

const params = kubernetesParams.parse(kubernetes.existing?.example);

function pod(name: string, over: Partial<V1Pod> = {}): V1Pod {
  return {
    metadata: { name, uid: `uid-${name}`, labels: { app: 'pg', 'cluster-name': 'pg' } },
    spec: { nodeName: 'worker1', containers: [{ name: 'postgres' }] },
    status: {
      phase: 'Running',
      podIP: '10.0.0.7',
      containerStatuses: [
        {
          name: 'postgres',
          image: '',
          imageID: '',
          ready: true,
          restartCount: 0,
          containerID: 'containerd://abc',
        },
      ],
    },
    ...over,
  };
}
const members = ['pg-0', 'pg-1', 'pg-2'];

test('a selector is refused that finds nothing, others, or two clusters', () => {
  const found = (pods: readonly V1Pod[]) => problemsOf(pods, params).join('\n');
  expect(found(members.map((name) => pod(name)))).toBe('');
  expect(found([])).toMatch(/selector 'app=pg' matches no pod in namespace default; kubectl/);
  expect(found([...members, 'pg-3'].map((name) => pod(name)))).toMatch(
    /matches pg-3, which nodes does not name; write nodes: \[pg-0, pg-1, pg-2, pg-3\]/,
  );
  expect(found([pod('pg-0'), pod('pg-1')])).toMatch(/nodes names pg-2, which .* does not match/);
  const other = pod('pg-2', {
    metadata: { name: 'pg-2', labels: { app: 'pg', 'cluster-name': 'other' } },
  });
  expect(found([pod('pg-0'), pod('pg-1'), other])).toMatch(
    /matches pods of cluster-name=pg and cluster-name=other: one cluster is meant/,
  );
});

test('a pod that does not run says why', () => {
  const pending = pod('pg-2', {
    status: {
      phase: 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'False', message: '0/1 nodes: Insufficient cpu.' },
      ],
    },
  });
  const pulling = pod('pg-1', {
    status: {
      phase: 'Pending',
      containerStatuses: [
        {
          name: 'postgres',
          image: '',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { waiting: { reason: 'ErrImagePull', message: 'no such image' } },
        },
      ],
    },
  });
  const strange = pod('pg-0', {
    spec: { nodeName: 'worker1', containers: [{ name: 'database' }] },
  });
  expect(problemsOf([strange, pulling, pending], params)).toEqual([
    "pg-0: has no container 'postgres'; it has database: write container: NAME",
    'pg-1: is Pending: no such image',
    'pg-2: is Pending: 0/1 nodes: Insufficient cpu.',
  ]);
});

test('a pod without an address, or on its way out, has no state', () => {
  expect(stateOf(pod('pg-0'), 'postgres')).toEqual({
    name: 'pg-0',
    uid: 'uid-pg-0',
    address: '10.0.0.7',
    host: 'worker1',
    containerId: 'abc',
  });
  expect(stateOf(pod('pg-0', { status: { phase: 'Running' } }), 'postgres')).toBeUndefined();
  const leaving = pod('pg-0', {
    metadata: { name: 'pg-0', uid: 'u', deletionTimestamp: new Date() },
  });
  expect(stateOf(leaving, 'postgres')).toBeUndefined();
});

test('what a file does not allow, or gives no way to, is refused with the line to write', () => {
  const lacks = (over: object) =>
    kubernetes.lacks?.(
      {
        topology: 'patroni',
        own: { backend: 'kubernetes', params: { ...params, ...over } as Json },
      },
      { isRoot: true },
    );
  expect(lacks({})?.shaping).toMatch(/add shaping to consent/);
  expect(lacks({})?.network).toBeUndefined();
  expect(lacks({ helper: undefined })?.network).toMatch(/add helper: \{ image: ... \}/);
  expect(lacks({ consent: ['disk'] })?.disk).toMatch(/add disks: /);
});
