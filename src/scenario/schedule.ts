import type { FaultStep } from '../contracts/scenario.ts';

export interface Scheduled {
  readonly step: FaultStep;
  /** Planned injection from the start of the load; what it follows is taken to begin on time. */
  readonly atMs: number;
  /** Planned healing; undefined: when the load has ended. */
  readonly untilMs: number | undefined;
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
  let atMs = step.atMs;
  for (let after = step.after; after !== undefined;) {
    const before = byId.get(after);
    if (!before) return { fault: 'unknown', after };
    if (seen.has(before.id)) return { fault: 'circular', after: step.after ?? '' };
    seen.add(before.id);
    atMs += before.atMs;
    after = before.after;
  }
  const untilMs = step.holdMs === undefined ? undefined : atMs + step.holdMs;
  return { step, atMs, untilMs };
}
