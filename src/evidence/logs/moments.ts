import type { Result } from '../../contracts/result.ts';
import { lossSummaryOf } from '../../std/units/loss-summary.ts';

/** The moments around which a reader looks into the logs, milliseconds since the start of the load. */
export function momentsOf(result: Result): readonly number[] {
  const { faults, outage, marks = [], unplanned, timeline } = result;
  const found: readonly (number | null | undefined)[] = [
    ...faults.flatMap((each) => [each.injectedAtMs, each.inForceAtMs, each.healedAtMs]),
    ...outage.perFault.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]),
    outage.longestFromMs,
    ...marks.map(({ atMs }) => atMs),
    ...(unplanned ?? []).flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]),
    ...(timeline?.roles ?? []).map(({ fromMs }) => fromMs),
    ...lossSummaryOf(result).places.flatMap(({ ackedAtMs }) => ackedAtMs),
  ];
  return found.filter((atMs) => typeof atMs === 'number');
}
