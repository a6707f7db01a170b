import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RateStage } from '../../../../src/contracts/scenario.ts';
import { RateProfile, rateProfile } from '../../../../src/scenario/words/rate-profile.ts';

const perSecond = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400 }));
const stage = fc.record({
  fromPerSecond: perSecond,
  toPerSecond: perSecond,
  lastsMs: fc.integer({ min: 1, max: 5_000 }),
});
const anyStages = fc.array(stage, { minLength: 1, maxLength: 5 });

function dueTimes(stages: readonly RateStage[]): readonly number[] {
  const profile = new RateProfile(stages);
  const times: number[] = [];
  for (let us = profile.dueUs(0); us !== Infinity; us = profile.dueUs(times.length)) times.push(us);
  return times;
}

const lengthUs = (stages: readonly RateStage[]) =>
  stages.reduce((sum, { lastsMs }) => sum + lastsMs * 1000, 0);

describe('whatever the stages', () => {
  test('operations are due in ascending order, within the stages', () => {
    fc.assert(
      fc.property(anyStages, (stages) => {
        const times = dueTimes(stages);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        for (const us of times) expect(us >= 0 && us <= lengthUs(stages)).toBe(true);
      }),
    );
  });

  test('so many are due before a time as the area below the rates says', () => {
    fc.assert(
      fc.property(anyStages, fc.double({ min: 0, max: 1, noNaN: true }), (stages, share) => {
        const untilUs = share * lengthUs(stages);
        const before = dueTimes(stages).filter((us) => us < untilUs).length;
        const offered = new RateProfile(stages).offeredBy(untilUs);
        expect(Math.abs(before - offered)).toBeLessThanOrEqual(1.000_001);
      }),
    );
  });

  test('the order in which they are asked for does not matter', () => {
    fc.assert(
      fc.property(anyStages, (stages) => {
        const times = dueTimes(stages);
        const backwards = new RateProfile(stages);
        expect(times.map((_, at) => backwards.dueUs(times.length - 1 - at)).toReversed()).toEqual(
          times,
        );
      }),
    );
  });

  test('the workers that share it have all operations of one, and none twice', () => {
    fc.assert(
      fc.property(anyStages, fc.integer({ min: 1, max: 4 }), (stages, workers) => {
        const all = dueTimes(stages);
        const shared = Array.from({ length: workers }, (_, worker) => {
          const profile = new RateProfile(stages);
          const own: number[] = [];
          for (let at = worker; profile.dueUs(at) !== Infinity; at += workers) {
            own.push(profile.dueUs(at));
          }
          return own;
        });
        expect(shared.flat().toSorted((a, b) => a - b)).toEqual(all);
      }),
    );
  });
});

test('a ramp from nothing begins slowly, and ends at its rate', () => {
  const times = dueTimes([{ fromPerSecond: 0, toPerSecond: 1000, lastsMs: 2_000 }]);
  expect(times).toHaveLength(1_000);
  const between = (from: number, until: number) =>
    times.filter((us) => us >= from * 1e6 && us < until * 1e6).length;
  expect([between(0, 0.5), between(0.5, 1), between(1, 1.5), between(1.5, 2)]).toEqual([
    63, 187, 313, 437,
  ]);
});

test('a stage without a rate is a pause', () => {
  const times = dueTimes([
    { fromPerSecond: 2, toPerSecond: 2, lastsMs: 1_000 },
    { fromPerSecond: 0, toPerSecond: 0, lastsMs: 1_000 },
    { fromPerSecond: 2, toPerSecond: 2, lastsMs: 1_000 },
  ]);
  expect(times).toEqual([0, 500_000, 2_000_000, 2_500_000]);
});

test('a rate has no end of its own, and without one there is no schedule', () => {
  expect(rateProfile({ ratePerSecond: 500 })?.dueUs(1_000_000)).toBe(2_000_000_000);
  expect(rateProfile({})).toBeUndefined();
});
