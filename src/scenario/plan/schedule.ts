import type { FaultStep } from '../../contracts/scenario.ts';

export interface Scheduled {
  readonly step: FaultStep;
  /** Planned injection from the start of the load, if the steps before it are on time and every wait is short. */
  readonly atMs: number;
  /** Planned injection if every wait before it takes as long as it may. */
  readonly latestAtMs: number;
  /** Planned healing; undefined: at the end of the load, or when the awaited state has come. */
  readonly untilMs: number | undefined;
  /** Latest planned healing; undefined: at the end of the load. */
  readonly latestUntilMs: number | undefined;
}

export type ScheduleFault = 'unknown' | 'circular';

/** When a step is planned, or why it cannot be: its `after` names no step, or leads back to itself. */
export function schedule(
  step: FaultStep,
  steps: readonly FaultStep[],
): Scheduled | { readonly fault: ScheduleFault; readonly after: string } {
  // Of two steps with one id the first counts; the planner refuses the duplicate.
  const byId = new Map(steps.toReversed().map((each) => [each.id, each]));
  const seen = new Set([step.id]);
  let { atMs } = step;
  let waitMs = step.when?.limitMs ?? 0;
  for (let after = step.after; after !== undefined;) {
    const before = byId.get(after);
    if (!before) return { fault: 'unknown', after };
    if (seen.has(before.id)) return { fault: 'circular', after: step.after ?? '' };
    seen.add(before.id);
    atMs += before.atMs;
    waitMs += before.when?.limitMs ?? 0;
    after = before.after;
  }
  const latestAtMs = atMs + waitMs;
  const longestMs = step.holdMs ?? step.until?.limitMs;
  return {
    step,
    atMs,
    latestAtMs,
    untilMs: step.holdMs === undefined ? undefined : atMs + step.holdMs,
    latestUntilMs: longestMs === undefined ? undefined : latestAtMs + longestMs,
  };
}
