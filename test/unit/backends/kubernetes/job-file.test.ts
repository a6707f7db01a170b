import { expect, test } from 'vitest';
import kubernetes from '../../../../src/backends/kubernetes.ts';
import { clusterFileParams } from '../../../../src/backends/kubernetes/params.ts';

const file = {
  selector: 'app=pg',
  nodes: ['pg-0', 'pg-1', 'pg-2'],
  credentials: { secret: 'pg' },
};
const job = { image: 'forkpoint:0.1.0', parallelism: 8, nodeSelector: { disk: 'ssd' } };
const clusterOf = (given: object) => ({
  own: { backend: 'kubernetes', params: clusterFileParams.parse({ ...file, ...given }) },
});

test('a fault cannot name clients in the pods of a Job, for they have no address in planning', () => {
  const inPods = clusterOf({ sites: { clients: { job } } });
  expect(kubernetes.refusesEnd?.('clients', inPods)).toContain('pods of a Job');
  expect(kubernetes.refusesEnd?.('clients', clusterOf({}))).toBeUndefined();
});

test('a Job of load has requests that a small machine can meet, unless the file says otherwise', () => {
  const { params } = clusterOf({ sites: { clients: { job } } }).own;
  expect(params).toMatchObject({
    sites: { clients: { job: { ...job, resources: { requests: { cpu: '250m' } } } } },
  });
});
