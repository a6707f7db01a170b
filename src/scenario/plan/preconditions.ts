import type { Fault, Precondition } from '../../contracts/fault.ts';
import type { FaultStep } from '../../contracts/scenario.ts';
import type { PlannedStep } from './check-times.ts';
import type { Refusals } from './refusals.ts';
import { schedule } from './schedule.ts';

interface Context {
  readonly faults: ReadonlyMap<string, Fault>;
  readonly refusals: Refusals;
}

/** Refuses a step whose fault can only follow what no step before it can have brought about. */
export function checkPreconditions(
  planned: readonly PlannedStep[],
  { faults, refusals }: Context,
): void {
  const steps = planned.map(({ step }) => step);
  for (const { step, index } of planned) {
    const { follows } = faults.get(step.fault) ?? {};
    if (!follows) continue;
    const made = steps
      .filter((other) => other !== step && mayBeInForce(other, step, steps))
      .flatMap((other) => madeBy(faults.get(other.fault), other));
    if (follows.oneOf.some((one) => made.includes(one))) continue;
    refusals.add(`faults.${index}.fault`, follows.because, step);
  }
}

function madeBy(fault: Fault | undefined, { params }: FaultStep): readonly Precondition[] {
  const { of, become } = fault?.processes?.(params) ?? {};
  const isOfPatroni = of === 'patroni' || of === 'node';
  const isOfServer = of === 'postgres' || of === 'node';
  return [
    ...(fault?.isMaintenance ? (['maintenance'] as const) : []),
    ...(isOfPatroni && become !== 'alive' ? (['patroniGone'] as const) : []),
    ...(isOfServer && become !== 'frozen' ? (['serverEnded'] as const) : []),
  ];
}

/** Not certainly healed before the later step, and not certainly injected after it. */
function mayBeInForce(other: FaultStep, step: FaultStep, steps: readonly FaultStep[]): boolean {
  const [earlier, later] = [schedule(other, steps), schedule(step, steps)];
  // Such a step is refused for its times.
  if ('fault' in earlier || 'fault' in later) return true;
  const { latestUntilMs = Infinity } = earlier;
  return earlier.atMs <= later.latestAtMs && latestUntilMs > later.atMs;
}
