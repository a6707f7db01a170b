import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../../src/contracts/history.ts';
import { compareRuns, exitCodeOf, isWorse } from '../../../src/history/compare.ts';
import { differencesOf } from '../../../src/history/difference.ts';
import { outcomeOf } from '../../../src/history/trend.ts';
import { renderCompared } from '../../../src/history/render-comparison.ts';
import { wilsonInterval } from '../../../src/history/wilson.ts';
import { runRecord } from '../../helpers/records.ts';

const letters: Readonly<Record<string, RunRecord['status']>> = {
  p: 'pass',
  f: 'fail',
  u: 'unknown',
  b: 'bug',
  i: 'interrupted',
  x: 'impossible',
};

/** 'p pf f': three nights, oldest first, the second with two runs. */
function nights(text: string): RunRecord[][] {
  return text
    .split(' ')
    .filter((night) => night !== '')
    .map((night) =>
      Array.from(night, (letter) => runRecord({ status: letters[letter] ?? 'pass' })),
    );
}

describe('the outcome of a night', () => {
  test.each([
    ['', 'p', null, 'a first pass is nothing to tell'],
    ['', 'f', 'new', 'a first failure is new'],
    ['p p', 'p', null, 'what passes as it did is nothing to tell'],
    ['p p', 'f', 'new', 'what passed and fails is new'],
    ['f', 'p', 'fixed', 'what failed and passes is fixed'],
    ['f f', 'f', 'stillFailing', 'what failed and fails is still failing'],
    ['p f', 'u', 'stillFailing', 'a verdict of unknown did not pass'],
    ['p', 'b', 'new', 'a bug of ours did not pass'],
    ['f p p', 'f', 'new', 'a failure that was mended and came back is new, not flaky'],
    ['p f p', 'f', 'flaky', 'what changes every night is flaky'],
    ['p', 'pf', 'flaky', 'runs of one night that disagree are flaky'],
    ['p pf', 'p', 'flaky', 'and so they are for a week'],
    ['pf p p p p p p p', 'p', null, 'and no longer than that'],
    ['f i', 'f', 'stillFailing', 'a night that was interrupted says nothing'],
    ['f', 'x', null, 'what this host cannot run has no outcome'],
  ])('after %j, %j is %j: %s', (before, tonight, outcome, _why) => {
    expect(outcomeOf(nights(tonight)[0] ?? [], nights(before).toReversed())).toBe(outcome);
  });
});

describe('differences', () => {
  const thresholds = { outage: { percent: 20 }, throughput: { percent: 15 }, lost: { amount: 5 } };

  test('are those of the medians, and worse only beyond the thresholds of the scenario', () => {
    const before = [4000, 5000, 9000].map((outageMs) => runRecord({ outageMs }));
    const after = [runRecord({ outageMs: 6100, ackedPerSecond: 430, lost: 5, thresholds })];
    expect(differencesOf(before, after)).toEqual(
      [
        ...[{ metric: 'lost', before: 0, after: 5, changePercent: null, threshold: '+5' }],
        { metric: 'outage', before: 5000, after: 6100, changePercent: 22, threshold: '+20%' },
        { metric: 'throughput', before: 500, after: 430, changePercent: -14, threshold: '-15%' },
        {
          metric: 'verification',
          before: 10_000,
          after: 10_000,
          changePercent: 0,
          threshold: null,
        },
      ].map((each, index) => ({ ...each, isWorse: [false, true, false, null][index] })),
    );
  });

  test('a value that was not measured is neither better nor worse', () => {
    const [, outage] = differencesOf([runRecord()], [runRecord({ outageMs: null, thresholds })]);
    expect(outage).toEqual({
      metric: 'outage',
      before: 5000,
      after: null,
      changePercent: null,
      threshold: '+20%',
      isWorse: null,
    });
  });
});

describe('compare', () => {
  const slow = runRecord({ outageMs: 9000, thresholds: { outage: { amount: 2000 } } });

  test('compares the runs of one situation, and names those without a counterpart', () => {
    const before = [runRecord(), runRecord({ scenario: 'flapping' })];
    const after = [runRecord(), runRecord({ overrides: ['load.duration=5s'] }), slow];
    const { comparisons, onlyBefore, onlyAfter } = compareRuns(before, after);
    expect([comparisons.map(isWorse), onlyBefore, onlyAfter]).toEqual([
      ...[[false], ['flapping'], ['partition-5s load.duration=5s']],
    ]);
  });

  test('reports two runs of different situations', () => {
    const names = { before: 'a', after: 'b' };
    const other = (run: RunRecord) => renderCompared(compareRuns([run], [slow]), names);
    const said = 'not the same situation: before it was';
    expect(other(runRecord({ scenario: 'power-cut' }))).toContain(`${said} power-cut on local;`);
    expect(other(runRecord({ overrides: ['load.clients=2'] }))).toContain(
      `${said} partition-5s load.clients=2 on local;`,
    );
    expect(other(runRecord())).not.toContain(said);
  });

  test.each([
    [[runRecord()], [runRecord()], 0],
    [[runRecord()], [slow], 1],
    [[runRecord()], [runRecord({ status: 'fail' })], 1],
    [[runRecord({ status: 'fail' })], [runRecord({ status: 'fail' })], 0],
    [[runRecord(), runRecord()], [runRecord(), runRecord({ status: 'fail' })], 1],
    [[runRecord()], [{ ...slow, outageMs: null }], 2],
    [[runRecord()], [runRecord({ status: 'interrupted' })], 2],
    [[runRecord(), runRecord()], [runRecord({ scenario: 'x' })], 2],
  ])('case %#: exit code', (before, after, exitCode) => {
    expect(exitCodeOf(compareRuns(before, after))).toBe(exitCode);
  });

  test('lists first what got worse', () => {
    const before = [runRecord(), runRecord({ scenario: 'baseline' })];
    const after = [slow, runRecord({ scenario: 'baseline', ackedPerSecond: 480 })];
    expect(renderCompared(compareRuns(before, after), { before: 'a', after: 'b' })).toBe(
      `before: a
after:  b

WORSE partition-5s: pass -> pass
  lost 0, before 0
  beyond its threshold: outage 9.0 s, before 5.0 s (+80 %; allowed +2s)
  throughput 500/s, before 500/s (0 %)
  verification 10,000/s, before 10,000/s (0 %)
baseline: pass -> pass
  lost 0, before 0
  outage 5.0 s, before 5.0 s (0 %)
  throughput 480/s, before 500/s (-4 %)
  verification 10,000/s, before 10,000/s (0 %)

1 of 2 worse
`,
    );
  });
});

describe("Wilson's interval", () => {
  // As returned by R's prop.test(x, n, correct = FALSE).
  test.each([
    [0, 2, 0, 0.6576198],
    [1, 5, 0.0362241, 0.6244654],
    [5, 10, 0.2365931, 0.7634069],
    [50, 50, 0.9286524, 1],
  ])('of %i in %i', (hits, trials, low, high) => {
    const [from = NaN, to = NaN] = wilsonInterval(hits, trials) ?? [];
    expect([from, to]).toEqual([expect.closeTo(low, 5), expect.closeTo(high, 5)]);
  });

  test('contains the observed share, lies within 0..1, and does not exist without a trial', () => {
    expect(wilsonInterval(0, 0)).toBeUndefined();
    const trials = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(
        trials.chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n))),
        ([hits, n]) => {
          const [low = NaN, high = NaN] = wilsonInterval(hits, n) ?? [];
          return low >= 0 && low <= hits / n && hits / n <= high && high <= 1;
        },
      ),
    );
  });
});
