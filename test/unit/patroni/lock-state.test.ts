import { expect, test } from 'vitest';
import { parseLockState } from '../../../src/patroni/lock-state.ts';
import { describe as describeTopology } from '../../../src/patroni/topology.ts';

test('the keys of a synchronous cluster show leader, standbys, states and no pause', () => {
  const state = parseLockState([
    ['/service/forkpoint/config', '{"ttl":30,"synchronous_mode":true}'],
    ['/service/forkpoint/initialize', '7412345678901234567'],
    ['/service/forkpoint/leader', 'pg1'],
    ['/service/forkpoint/members/pg1', '{"state":"running","role":"master"}'],
    ['/service/forkpoint/members/pg2', '{"state":"streaming","role":"replica"}'],
    ['/service/forkpoint/sync', '{"leader":"pg1","sync_standby":"pg3,pg2"}'],
  ]);
  expect(state).toEqual({
    leader: 'pg1',
    syncStandbys: ['pg2', 'pg3'],
    isPaused: false,
    isStandby: false,
    states: { pg1: 'running', pg2: 'streaming' },
  });
});

test('without a leader key there is no leader, whatever the members report', () => {
  const state = parseLockState([
    ['/service/forkpoint/config', '{"ttl":30,"pause":true}'],
    ['/service/forkpoint/members/pg1', '{"state":"running","role":"master"}'],
    ['/service/forkpoint/sync', '{"leader":null,"sync_standby":null}'],
  ]);
  expect(state).toEqual({
    syncStandbys: [],
    isPaused: true,
    isStandby: false,
    states: { pg1: 'running' },
  });
});

test('a value that is not JSON, and a key of another cluster, are ignored', () => {
  const state = parseLockState([
    ['/service/forkpoint/members/pg1', '{"state":'],
    ['/service/forkpoint/config', '[1]'],
    ['/service/other/leader', 'pg9'],
  ]);
  expect(state).toEqual({ syncStandbys: [], isPaused: false, states: {} });
});

test('two primaries are both shown, separate from the holder of the lock', () => {
  const topology = describeTopology(
    [
      ['pg1', { role: 'primary', timeline: 1, lsn: '0/5000100' }],
      ['pg2', { role: 'primary', timeline: 2, lsn: '0/5000200' }],
      ['pg3', { role: 'down' }],
    ],
    { leader: 'pg2', syncStandbys: [], isPaused: false, states: { pg2: 'running' } },
  );
  expect(topology).toEqual({
    leader: 'pg2',
    syncStandbys: [],
    members: [
      { node: 'pg1', role: 'primary', timeline: 1, lsn: '0/5000100' },
      { node: 'pg2', role: 'primary', timeline: 2, lsn: '0/5000200', state: 'running' },
      { node: 'pg3', role: 'down' },
    ],
    isPaused: false,
  });
});

test('without an answer from etcd no leader is known, and the servers are still seen', () => {
  const primary = { role: 'primary', timeline: 1, lsn: '0/5000100' } as const;
  expect(describeTopology([['pg1', primary]], undefined)).toEqual({
    isLockUnknown: true,
    syncStandbys: [],
    members: [{ node: 'pg1', ...primary }],
    isPaused: false,
  });
});

test('a configuration that names a cluster to follow is that of a standby cluster, and an empty one is not', () => {
  const isStandby = (config: string) =>
    parseLockState([['/service/other/config', config]], '/service/other/').isStandby;
  expect(isStandby('{"standby_cluster":{"host":"10.77.0.11","port":5432}}')).toBe(true);
  expect(isStandby('{"standby_cluster":{}}')).toBe(false);
  expect(isStandby('{"standby_cluster":null}')).toBe(false);
});
