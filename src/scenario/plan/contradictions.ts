import type { Fault, ProcessHarm } from '../../contracts/fault.ts';
import type { FaultStep, Scenario } from '../../contracts/scenario.ts';
import { formatDuration } from '../../std/units/units.ts';
import type { PlannedStep } from './check-times.ts';
import type { Refusals } from './refusals.ts';
import { schedule, type Scheduled } from './schedule.ts';
import { isNodeName, targetsOf } from '../words/targets.ts';

interface Context {
  readonly scenario: Scenario;
  readonly faults: ReadonlyMap<string, Fault>;
  readonly refusals: Refusals;
}

interface Timed extends Scheduled {
  readonly index: number;
}

type Harm = Timed & ProcessHarm;

/** Patroni's defaults, for a scenario that does not set them. Seconds. */
const defaultTtl = 30;
const defaultLoopWait = 10;

/**
 * Refuses to freeze, kill or stop a target that an earlier fault has certainly killed and not healed, and to freeze or
 * stop one that it has frozen; and what takes for itself what an earlier one still has. A target that may be another node by
 * then, or running again, is not refused.
 */
export function checkContradictions(planned: readonly PlannedStep[], context: Context): void {
  const steps = planned.map(({ step }) => step);
  const harms = planned.flatMap(({ step, index }): Harm[] => {
    const harm = context.faults.get(step.fault)?.processes?.(step.params);
    const scheduled = schedule(step, steps);
    return harm === undefined || 'fault' in scheduled ? [] : [{ ...scheduled, ...harm, index }];
  });
  checkClaims(planned, context);
  for (const later of harms) {
    const earlier = harms.find((harm) => contradicts(harm, later, { steps, context }));
    if (!earlier) continue;
    const at = formatDuration(earlier.atMs);
    const what = `has been ${earlier.become === 'dead' ? 'killed' : 'frozen'} by ${earlier.step.id} since ${at}, and still is`;
    context.refusals.add(`faults.${later.index}.fault`, `its target ${what}`, later.step);
  }
}

/** Refuses two steps that are certainly in force together, and take the same thing of the same target for themselves. */
function checkClaims(planned: readonly PlannedStep[], context: Context): void {
  const steps = planned.map(({ step }) => step);
  const claiming = planned.flatMap(({ step, index }) => {
    const claims = context.faults.get(step.fault)?.claims?.(step.params) ?? [];
    const scheduled = schedule(step, steps);
    return claims.length === 0 || 'fault' in scheduled ? [] : [{ ...scheduled, claims, index }];
  });
  for (const [at, later] of claiming.entries()) {
    const about = { steps, context };
    const earlier = claiming.find((one, before) => {
      if (before === at || !one.claims.some((claim) => later.claims.includes(claim))) return false;
      const isTogether = before < at && isAtOnce(one, later);
      return (isTogether || isStillInForce(one, later)) && isSameTarget(one, later, about);
    });
    if (!earlier) continue;
    const claim = later.claims.find((one) => earlier.claims.includes(one)) ?? '';
    const since = formatDuration(earlier.atMs);
    const what = `takes the ${claim} of its target, which ${earlier.step.id} has taken since ${since}, and still has`;
    context.refusals.add(`faults.${later.index}.fault`, what, later.step);
  }
}

function contradicts(
  earlier: Harm,
  later: Harm,
  about: { readonly steps: readonly FaultStep[]; readonly context: Context },
): boolean {
  if (earlier === later || earlier.become === 'alive') return false;
  // A kill also ends a frozen process.
  const isKill = later.become !== 'frozen' && !later.isOrderly;
  if (earlier.become === 'frozen' && isKill) return false;
  const covers = earlier.of === 'node' || earlier.of === later.of;
  return covers && isStillInForce(earlier, later) && isSameTarget(earlier, later, about);
}

function isAtOnce(one: Timed, other: Timed): boolean {
  return [one.latestAtMs, other.atMs, other.latestAtMs].every((atMs) => atMs === one.atMs);
}

/** Certainly in force: even when the earlier fault heals as early, and the later one starts as late, as it can. */
function isStillInForce(earlier: Timed, later: Timed): boolean {
  const { until, holdMs = Infinity } = earlier.step;
  if (until) return false;
  if (later.step.after === earlier.step.id) return !later.step.when && later.step.atMs < holdMs;
  return earlier.latestAtMs < later.atMs && later.latestAtMs < earlier.atMs + holdMs;
}

function isSameTarget(
  { step: earlier, atMs }: Timed,
  { step: later, latestAtMs }: Timed,
  { steps, context }: { readonly steps: readonly FaultStep[]; readonly context: Context },
): boolean {
  if (targetsOf(later.target) === earlier.id && !later.target.startsWith('not ')) return true;
  if (isNodeName(later.target)) {
    return earlier.target === later.target || earlier.target === 'all';
  }
  if (later.target === 'all') return earlier.target === 'all';
  if (later.target !== 'leader' || earlier.target !== 'leader') return false;
  // The lock outlives its holder by this long, unless another fault asks for a failover or switchover.
  const { ttl = defaultTtl, loop_wait: loopWait = defaultLoopWait } =
    context.scenario.cluster.patroni;
  const safeMs = (Number(ttl) - Number(loopWait)) * 1000;
  const isAlone = steps.every(({ target, fault }) => {
    return target !== 'none' || context.faults.get(fault)?.effects?.keepsLeader === true;
  });
  return isAlone && latestAtMs - atMs < safeMs;
}
