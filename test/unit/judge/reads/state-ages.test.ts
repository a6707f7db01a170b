import { expect, test } from 'vitest';
import type { Beat } from '../../../../src/contracts/observation.ts';
import { StateAges } from '../../../../src/judge/reads/state-ages.ts';

const beat = (number: number, sentMs: number, outcome: Beat['outcome'] = 'acknowledged'): Beat => ({
  beat: number,
  outcome,
  sentMs,
  answeredMs: sentMs + 4,
});

/** Each 50 ms, acknowledged 4 ms later; the load began at 1000. */
const beats = [beat(1, 1000), beat(2, 1050), beat(3, 1100), beat(4, 1150)];

test('a read that shows every acknowledged heartbeat is not stale, however long ago that was', () => {
  const ages = new StateAges(beats, 1000, () => Infinity);
  expect(ages.ageOf(4, 1160)).toEqual({ atLeastMs: 0, atMostMs: 0 });
  expect(ages.ageOf(4, 60_000)).toEqual({ atLeastMs: 0, atMostMs: 0 });
});

test('the oldest acknowledged heartbeat that a read does not show is how stale it is at least', () => {
  const ages = new StateAges(beats, 1000);
  // Beat 2 was acknowledged at 1054; a write after beat 1 was sent may have been at 1000.
  expect(ages.ageOf(1, 1200)).toEqual({ atLeastMs: 146, atMostMs: 200 });
  expect(ages.ageOf(0, 1200)).toEqual({ atLeastMs: 196, atMostMs: 200 });
});

test('a heartbeat that was acknowledged after the read was sent does not make it stale', () => {
  const ages = new StateAges(beats, 1000, () => 1154);
  expect(ages.ageOf(3, 1153)).toEqual({ atLeastMs: 0, atMostMs: 0 });
  expect(ages.ageOf(3, 1155)).toEqual({ atLeastMs: 1, atMostMs: 1 });
});

test('a heartbeat that was not acknowledged makes no read stale, and a write that was may', () => {
  const doubtful = [beat(1, 1000), beat(2, 1050, 'indeterminate'), beat(3, 1100, 'localOnly')];
  const quiet = new StateAges(doubtful, 1000, () => Infinity);
  expect(quiet.ageOf(1, 2000)).toEqual({ atLeastMs: 0, atMostMs: 0 });
  const written = new StateAges(doubtful, 1000, (fromMs) => (fromMs <= 1500 ? 1500 : Infinity));
  expect(written.ageOf(1, 2000)).toEqual({ atLeastMs: 0, atMostMs: 500 });
});

test('where the line of the newest heartbeat is missing, the one before it bounds its age', () => {
  const ages = new StateAges([beat(1, 1000), beat(4, 1150)], 1000);
  expect(ages.ageOf(3, 1200)).toEqual({ atLeastMs: 46, atMostMs: 200 });
});
