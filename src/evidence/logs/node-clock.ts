import type { ClockSkew } from '../events/clock-skews.ts';

/** Clocks of a node and of the harness may differ a little; those of another run do by more. */
export const clockSlackMs = 10_000;

/** Distinguishes the lines of a run from those of an earlier run in the same lab. */
export interface RunTimes {
  readonly startedAt: string;
  /** Of this node's clock. */
  readonly skews: readonly ClockSkew[];
}

/** Unix milliseconds: a time that this run's clocks could not show unless a fault moved them. */
export function rightTime(shownMs: number, { startedAt, skews }: RunTimes): number {
  const skew = skews.find(({ byMs, fromMs, untilMs }) => {
    const isShifted =
      shownMs - byMs >= fromMs - clockSlackMs && shownMs - byMs <= untilMs + clockSlackMs;
    const isPlain = shownMs >= Date.parse(startedAt) - clockSlackMs && shownMs <= untilMs;
    return isShifted && !isPlain;
  });
  return skew ? shownMs - skew.byMs : shownMs;
}
