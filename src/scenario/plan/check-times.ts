import type { FaultStep } from '../../contracts/scenario.ts';
import { formatDuration } from '../../std/units/units.ts';
import { suggestion } from '../../std/suggest.ts';
import type { Refusals } from './refusals.ts';
import { schedule, type Scheduled } from './schedule.ts';
import {
  awaitedTarget,
  type ClusterShape,
  isOfProxies,
  meantTarget,
  problemOfTarget,
  targetsOf,
} from '../words/targets.ts';

/** A step of the plan and its index in the file. */
export interface PlannedStep {
  readonly step: FaultStep;
  readonly index: number;
}

/** Refuses an `after` that leads nowhere, and every injection or healing that could come after the load. */
export function checkTimes(
  planned: readonly PlannedStep[],
  { endMs, refusals }: { readonly endMs: number; readonly refusals: Refusals },
): void {
  const steps = planned.map(({ step }) => step);
  for (const { step, index } of planned) {
    const key = `faults.${index}`;
    const scheduled = schedule(step, steps);
    if ('fault' in scheduled) {
      const ids = steps.map(({ id }) => id).filter((id) => id !== step.id);
      const what =
        scheduled.fault === 'circular'
          ? `'${scheduled.after}' waits for this fault, directly or through other faults`
          : `there is no fault with the id '${scheduled.after}'${suggestion(scheduled.after, ids)}`;
      refusals.add(`${key}.after`, what, step);
      continue;
    }
    const problem = problemOfTimes(scheduled, endMs);
    if (problem) refusals.add(`${key}.${problem.key}`, problem.what, step);
  }
}

function problemOfTimes(
  { step, atMs, latestAtMs, untilMs, latestUntilMs = 0 }: Scheduled,
  endMs: number,
): { readonly key: string; readonly what: string } | undefined {
  const end = formatDuration(endMs);
  const timing = step.after === undefined ? 'at' : 'after';
  if (atMs >= endMs) {
    const what = `${formatDuration(atMs)} is not before the end of the load, ${end}`;
    return { key: timing, what };
  }
  if (latestAtMs >= endMs) {
    const what = `may wait until ${formatDuration(latestAtMs)}, not before the end of the load, ${end}`;
    return { key: step.when ? 'when' : timing, what };
  }
  if (untilMs !== undefined && untilMs > endMs) {
    const until = formatDuration(untilMs);
    const what = `lasts until ${until}, past the end of the load, ${end}; leave it out to hold until then`;
    return { key: 'for', what };
  }
  if (latestUntilMs > endMs) {
    const what = `may last until ${formatDuration(latestUntilMs)}, past the end of the load, ${end}`;
    return { key: step.until ? 'until' : 'for', what };
  }
  return undefined;
}

/** Refuses a reference to the targets of a fault that does not exist, has no targets, or is injected only later. */
export function checkReferences(
  planned: readonly PlannedStep[],
  { cluster, refusals }: { readonly cluster: ClusterShape; readonly refusals: Refusals },
): void {
  const steps = planned.map(({ step }) => step);
  for (const { step, index } of planned) {
    const check = (key: string, target: string, isOwn = false) => {
      const problem = problemOfReference(target, { step, steps, isOwn });
      if (problem !== undefined) refusals.add(`faults.${index}.${key}`, problem, step);
    };
    check('target', step.target);
    for (const key of ['when', 'until'] as const) {
      const target = awaitedTarget(step[key]);
      if (target === undefined) continue;
      check(key, target, key === 'until');
      const problem = isOfProxies(meantTarget(target, steps), cluster)
        ? `only a node streams, and '${target}' is of proxies`
        : problemOfTarget(target, cluster);
      if (problem !== undefined) refusals.add(`faults.${index}.${key}`, problem, step);
    }
  }
}

function problemOfReference(
  target: string,
  {
    step,
    steps,
    isOwn,
  }: { readonly step: FaultStep; readonly steps: readonly FaultStep[]; readonly isOwn: boolean },
): string | undefined {
  const id = targetsOf(target);
  if (id === undefined) return undefined;
  const other = steps.find((each) => each.id === id);
  const ids = steps.map((each) => each.id).filter((each) => each !== step.id);
  if (!other) return `there is no fault with the id '${id}'${suggestion(id, ids)}`;
  if (other.target === 'none') return `'${id}' acts on the whole cluster and has no targets`;
  if (other === step) return isOwn ? undefined : `'${id}' is this fault itself`;
  const [own, its] = [schedule(step, steps), schedule(other, steps)];
  if ('fault' in own || 'fault' in its) return undefined;
  return its.atMs > own.latestAtMs ? `'${id}' is injected only later` : undefined;
}
