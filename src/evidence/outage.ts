import type { RunEvent } from '../contracts/evidence.ts';
import type { FaultOutage, Injection, Result } from '../contracts/result.ts';
import type { Availability, Stretch } from './availability.ts';
import { lockLoss } from './lock-loss.ts';
import type { RunFacts } from './run-facts.ts';

/** The longest time without an acknowledgement, of the whole load and around each fault; held time is left out. */
export function outageOf(
  facts: RunFacts,
  availability: Availability,
  events: readonly RunEvent[],
): Result['outage'] {
  const { loadMs } = facts;
  if (loadMs === undefined || availability.acknowledged === 0) {
    return { longestMs: null, perFault: [] };
  }
  const endUs = loadMs * 1000;
  const held = heldStretches(facts);
  const lockTimes = ({ injectedAtMs }: Injection, untilMs: number) => {
    const fromMs = injectedAtMs ?? untilMs;
    const loss = lockLoss(events, facts.originMs, { fromMs, untilMs });
    const takenAtMs = loss?.takenAtMs ?? null;
    return {
      detectMs: loss ? loss.lostAtMs - fromMs : null,
      electMs: takenAtMs === null ? null : takenAtMs - fromMs,
    };
  };
  const perFault = facts.faults.map((fault): FaultOutage => {
    const fromUs = (fault.injectedAtMs ?? 0) * 1000;
    const untilUs = (fault.healedAtMs ?? loadMs) * 1000;
    const gap = availability.longestGap(endUs, { window: { fromUs, untilUs }, held });
    const untilMs = gap.untilUs === undefined ? null : Math.round(gap.untilUs / 1000);
    // While it is held nobody could tell when the first would have been acknowledged.
    const isHidden = held.some(
      (each) => each.fromUs < (gap.untilUs ?? Infinity) && each.untilUs > fromUs,
    );
    return {
      fault: fault.id,
      fromMs: Math.round((gap.afterUs ?? 0) / 1000),
      untilMs,
      ...lockTimes(fault, Math.max(fault.healedAtMs ?? loadMs, untilMs ?? loadMs)),
      firstAckMs: untilMs === null || isHidden ? null : untilMs - (fault.injectedAtMs ?? 0),
    };
  });
  const longest = availability.longestGap(endUs, { held });
  return {
    longestMs: Math.round(longest.lengthUs / 1000),
    perFault,
    ...(facts.held.length > 0 && { held: facts.held.map(wholeMs) }),
  };
}

/** When the load was held by a fault of ours, microseconds. */
export function heldStretches({ held }: RunFacts): readonly Stretch[] {
  return held.map(({ fromMs, untilMs }) => ({ fromUs: fromMs * 1000, untilUs: untilMs * 1000 }));
}

function wholeMs({ fromMs, untilMs }: RunFacts['held'][number]): RunFacts['held'][number] {
  return { fromMs: Math.round(fromMs), untilMs: Math.round(untilMs) };
}
