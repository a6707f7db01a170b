import { expect, it } from 'vitest';
import { problemOfDcsTarget } from '../../../../src/scenario/words/dcs-targets.ts';
import type { ClusterShape } from '../../../../src/scenario/words/targets.ts';

const shape: ClusterShape = {
  nodes: 3,
  synchronous: 'off',
  names: ['pg1', 'pg2', 'pg3'],
  proxies: [],
  dcs: ['etcd1', 'etcd2', 'etcd3'],
};

it.each([
  'dcs-leader',
  'dcs-all',
  'dcs-member of leader',
  'dcs-member of pg3',
  'etcd2',
  'targets of x',
])('%s can match members of the DCS', (target) => {
  expect(problemOfDcsTarget(target, shape)).toBeUndefined();
});

it.each([
  ['pg1', "'pg1' is no member of the DCS; known: dcs-leader, "],
  ['dcs-leadr', "'dcs-leadr' is no member of the DCS; did you mean 'dcs-leader'?"],
  ['dcs-member of pg9', "there is no node 'pg9'; nodes: pg1, pg2, pg3"],
  ['dcs-member of sync-standby', 'no node is sync-standby while cluster.synchronous is off'],
])('%s cannot: %s', (target, message) => {
  expect(problemOfDcsTarget(target, shape)).toContain(message);
});
