import type { KneeLimits, LoadSpec, RateStage } from '../../contracts/scenario.ts';
import { RateProfile } from './rate-profile.ts';

/** One rate of the search, from the start of the load. */
export interface PlannedStep {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly perSecond: number;
  /** Operations that are due in it. */
  readonly offered: number;
}

export interface KneePlan {
  readonly limits: KneeLimits;
  /** Ascending in time and in rate. */
  readonly steps: readonly PlannedStep[];
}

/** The steps of a load `until: knee`: its stages after the warm-up. Undefined: it searches none. */
export function kneePlan({ knee, stages = [], warmupMs }: LoadSpec): KneePlan | undefined {
  if (!knee) return undefined;
  const profile = new RateProfile(stages);
  let fromMs = 0;
  const steps = stages.map(({ lastsMs, toPerSecond }: RateStage): PlannedStep => {
    const untilMs = fromMs + lastsMs;
    const dueBy = (ms: number) => Math.ceil(profile.offeredBy(ms * 1000));
    const offered = dueBy(untilMs) - dueBy(fromMs);
    const step = { fromMs, untilMs, perSecond: toPerSecond, offered };
    fromMs = untilMs;
    return step;
  });
  return { limits: knee, steps: warmupMs === undefined ? steps : steps.slice(1) };
}
