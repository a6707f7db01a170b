import type { FaultStep } from '../../contracts/scenario.ts';

export interface Scheduled {
  readonly step: FaultStep;
  /** Planned injection from the start of the load; what it follows is taken to begin on time, and every wait to be short. */
  readonly atMs: number;
  /** If every wait on the way takes as long as it may. */
  readonly latestAtMs: number;
  /** Planned healing; undefined: when the load has ended, or when what it waits for has come. */
  readonly untilMs: number | undefined;
  /** Latest planned healing; undefined: when the load has ended. */
  readonly latestUntilMs: number | undefined;
}

export type ScheduleFault = 'unknown' | 'circular';

/** When a step is planned, or why that cannot be said: its `after` names no step, or in the end itself. */
export function schedule(
  step: FaultStep,
  steps: readonly FaultStep[],
): Scheduled | { readonly fault: ScheduleFault; readonly after: string } {
  // Of two with one id the first counts; that there are two is said elsewhere.
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
