import type { LoadSpec, Scenario } from '../../contracts/scenario.ts';
import { kneePlan } from '../words/knee-plan.ts';
import { rateProfile } from '../words/rate-profile.ts';
import type { Refusals } from './refusals.ts';

/** When a load ends at the earliest. At a rate, its last operation is not sent before it is due. */
export function leastDurationMs(load: LoadSpec): number {
  const { operations, durationMs } = load;
  const search = kneePlan(load);
  // It may end right after its first step.
  if (search) return search.steps[0]?.untilMs ?? durationMs;
  const profile = rateProfile(load);
  if (operations === undefined || !profile) return durationMs;
  return Math.min(durationMs, profile.dueUs(operations - 1) / 1000);
}

/** Refuses faults in a load that may be over before them. */
export function checkUnknownEnd({ load, faults }: Scenario, refusals: Refusals): void {
  const isKnown = load.operations === undefined || load.ratePerSecond !== undefined;
  if (isKnown || faults.length === 0) return;
  const what =
    'cannot be combined with faults without a rate: the load may be over before them. Give load.rate, or duration in place of operations';
  refusals.add('load.operations', what);
}
