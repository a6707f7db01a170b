import { expect, test } from 'vitest';
import { lockStateOf, renewalOf } from '../../../src/backends/kubernetes/lock-state.ts';

const patroni = {
  leader: { leader: 'pg-1', renewTime: '2026-11-29T15:00:00.1+00:00', ttl: '30', transitions: '2' },
  sync: { leader: 'pg-1', sync_standby: 'pg-2,pg-0' },
  settings: { config: '{"ttl":30,"pause":true}' },
  members: { 'pg-0': '{"state":"streaming"}', 'pg-1': '{"state":"running"}', 'pg-2': 'broken' },
};

test("Patroni's lock is what the annotations say, until it was not renewed for its time to live", () => {
  expect(lockStateOf(patroni, false)).toEqual({
    leader: 'pg-1',
    syncStandbys: ['pg-0', 'pg-2'],
    isPaused: true,
    states: { 'pg-0': 'streaming', 'pg-1': 'running' },
  });
  expect(lockStateOf(patroni, true).leader).toBeUndefined();
  expect(lockStateOf({ leader: { leader: '' } }, false).leader).toBeUndefined();
  const renewal = renewalOf(patroni);
  expect(renewal?.ttlMs).toBe(30_000);
  const later = { ...patroni, leader: { ...patroni.leader, renewTime: 'later' } };
  expect(renewalOf(later)?.mark).not.toBe(renewal?.mark);
});

test("a Lease names its holder, and no member's state", () => {
  const lease = { holder: 'c-1', renewed: '2026-11-29T15:00:00Z', seconds: 15 };
  expect(lockStateOf({ lease }, false)).toEqual({
    leader: 'c-1',
    syncStandbys: [],
    isPaused: false,
    states: {},
  });
  expect([lockStateOf({ lease }, true).leader, renewalOf({ lease })?.ttlMs]).toEqual([
    undefined,
    15_000,
  ]);
});
