import { describe, expect, it } from 'vitest';
import type { LockState } from '../../../src/contracts/cluster.ts';
import { oneLock } from '../../../src/patroni/standby-locks.ts';

const first: LockState = {
  leader: 'pg1',
  syncStandbys: ['pg2'],
  isPaused: false,
  isStandby: false,
  states: { pg1: 'running' },
};
const standby: LockState = {
  leader: 'standby1',
  syncStandbys: [],
  isPaused: false,
  isStandby: true,
  states: { standby1: 'running' },
};
const states = { pg1: 'running', standby1: 'running' };

describe('the one lock of two clusters', () => {
  it('is the first one while the other follows it, or was not made yet', () => {
    expect(oneLock(first, standby)).toEqual({ ...first, states });
    const { isStandby: _isStandby, ...unmade } = standby;
    expect(oneLock(first, unmade).leader).toBe('pg1');
  });

  it('is that of the promoted cluster, also while a node of the first one holds its own', () => {
    const promoted = { ...standby, isStandby: false };
    expect(oneLock(first, promoted)).toEqual({ ...promoted, states });
    expect(oneLock({ ...first, isStandby: true }, promoted).leader).toBe('standby1');
  });

  it('is held by no node where each follows the other', () => {
    expect(oneLock({ ...first, isStandby: true }, standby).leader).toBeUndefined();
  });
});
