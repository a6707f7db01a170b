import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../../src/contracts/evidence.ts';
import type { LoadSpec } from '../../../../src/contracts/scenario.ts';
import { KneeSteps } from '../../../../src/evidence/figures/knee-steps.ts';
import { kneeOf } from '../../../../src/judge/sections/knee.ts';
import { kneeSentences } from '../../../../src/render/support/knee-rows.ts';
import { kneePlan } from '../../../../src/scenario/words/knee-plan.ts';
import { operation, visit } from '../../../histories/in-memory.ts';

const level = (perSecond: number) => ({
  fromPerSecond: perSecond,
  toPerSecond: perSecond,
  lastsMs: 1_000,
});
/** A warm-up of a second, and steps of 100/s and 200/s. */
const load = {
  warmupMs: 1_000,
  durationMs: 3_000,
  stages: [100, 100, 200].map(level),
  knee: { p99Ms: 50, errorPercent: 2 },
} as unknown as LoadSpec;

/** Operations due in a stage, evenly; the outcome and latency of each by its number. */
function due(
  stage: number,
  count: number,
  what: (number: number) => readonly [Outcome, latencyMs: number],
) {
  return Array.from({ length: count }, (_, number) => {
    const dueUs = Math.round((stage + number / count) * 1e6);
    const [outcome, latencyMs] = what(number);
    // Half of it waited for a free client.
    const halfUs = latencyMs * 500;
    return operation({ outcome, sentUs: dueUs + halfUs, waitedUs: halfUs, latencyUs: halfUs });
  });
}

const quick = () => ['acknowledged', 10] as const;

function kneeOfRecords(
  records: ReturnType<typeof due>,
  over: {
    readonly stoppedMs?: number;
    readonly held?: readonly { fromMs: number; untilMs: number }[];
  } = {},
) {
  const plan = kneePlan(load);
  if (!plan) throw new Error('the load searches no knee');
  const steps = new KneeSteps(plan);
  visit(records, steps);
  const facts = { loadMs: 3_200, held: over.held ?? [], stoppedMs: over.stoppedMs };
  return kneeOf({ load, facts, coverage: 'all', steps }).knee;
}

const said = (knee: ReturnType<typeof kneeOfRecords>) =>
  kneeSentences({ throughput: { ackedPerSecond: null, latencyMs: {}, knee: knee ?? null } });

describe('the knee', () => {
  test('is the last rate that kept the limits; the warm-up has no part in it', () => {
    const slow = () => ['acknowledged', 400] as const;
    const knee = kneeOfRecords([...due(0, 100, slow), ...due(1, 100, quick), ...due(2, 200, slow)]);
    expect(knee).toMatchObject({ perSecond: 100, passedAt: 200 });
    expect(knee?.steps).toMatchObject([
      { fromMs: 1_000, ackedPerSecond: 100, p99Ms: 10, slowPercent: 0, isKept: true },
      { fromMs: 2_000, ackedPerSecond: 200, p99Ms: 400, slowPercent: 100, isKept: false },
    ]);
    expect(said(knee)).toEqual([
      'Up to 100 operations/s kept p99 within 50 ms and 2 % errors; 200/s did not: p99 400 ms.',
    ]);
  });

  test('is passed by errors, too: one in a hundred is allowed here, five are not', () => {
    const failing = (share: number) => (number: number) =>
      number % share === 0 ? (['failed', 1] as const) : quick();
    const knee = kneeOfRecords([...due(1, 100, failing(100)), ...due(2, 200, failing(20))]);
    expect(knee).toMatchObject({ perSecond: 100, passedAt: 200 });
    expect(said(knee)[0]).toContain('200/s did not: 5 % errors.');
  });

  test('is passed by what was never sent: it has no latency, and is no good one', () => {
    const knee = kneeOfRecords([...due(1, 100, quick), ...due(2, 150, quick)]);
    expect(knee).toMatchObject({ perSecond: 100, passedAt: 200 });
    expect(knee?.steps[1]).toMatchObject({ p99Ms: null, unanswered: 50, isKept: false });
    expect(said(knee)[0]).toContain('p99 unknown, 50 had no answer');
  });

  test('is not passed where all steps kept the limits, and is 0 where the first did not', () => {
    const kept = kneeOfRecords([...due(1, 100, quick), ...due(2, 200, quick)]);
    expect(kept).toMatchObject({ perSecond: 200, passedAt: null });
    expect(said(kept)[0]).toContain('no higher rate was tried');
    expect(kneeOfRecords([])).toMatchObject({ perSecond: 0, passedAt: 100 });
  });

  test('says nothing of a step that the load was stopped in, or that was held', () => {
    const records = [...due(1, 100, quick), ...due(2, 10, quick)];
    expect(kneeOfRecords(records, { stoppedMs: 2_100 })).toMatchObject({
      perSecond: 100,
      passedAt: null,
      steps: [{ isKept: true }],
    });
    // Its last operations had no time for an answer.
    expect(kneeOfRecords(records, { stoppedMs: 2_040 })).toBeNull();
    expect(kneeOfRecords(records, { held: [{ fromMs: 100, untilMs: 200 }] })).toBeNull();
  });
});
