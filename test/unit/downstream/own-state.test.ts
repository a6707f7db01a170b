import { expect, test } from 'vitest';
import { OwnState } from '../../../src/downstream/own-state.ts';

const confirmed = { lsn: '0/200', timeline: 1, inside: null };
const stateOf = (waitingSinceMs?: number) =>
  new OwnState(
    { confirmed, failedAttempts: 2, waiting: 3, sinceMs: waitingSinceMs },
    { bytes: 700 },
  );

test('the lag is the age of what waits for the sink longest, or of what is in no batch yet', () => {
  const state = stateOf(4_000);
  state.batcher = { sinceMs: 9_000 };
  state.failedAttempts = 1;
  expect(state.line(10_000)).toEqual({
    type: 'state',
    confirmedLsn: '0/200',
    stagedBatches: 3,
    stagedBytes: 700,
    failedAttempts: 3,
    lagMs: 6_000,
  });
  const waitsForNone = stateOf();
  waitsForNone.batcher = { sinceMs: 9_000 };
  expect(waitsForNone.line(10_000).lagMs).toBe(1_000);
});

test('without a stream the lag is unknown; with one and nothing to deliver there is none', () => {
  const state = stateOf();
  expect(state.line(10_000)).not.toHaveProperty('lagMs');
  state.batcher = { sinceMs: undefined };
  expect(state.line(10_000).lagMs).toBe(0);
});
