import type { RunEvent } from '../../contracts/evidence.ts';
import type { FaultStep } from '../../contracts/scenario.ts';
import { seconds } from '../../std/units/shown.ts';

/** What a fault may last longer than it was to, unless it was to last so long that this is little of it. */
const allowedMs = 1_000;
const allowedPart = 0.2;

/**
 * Faults that were in force clearly longer than the scenario asks for: an outage that went on so long is no fault of the database. A sentence
 * each.
 */
export function heldLonger(
  events: readonly RunEvent[],
  steps: readonly FaultStep[],
): readonly string[] {
  return steps.flatMap(({ id, holdMs }) => {
    const at = (type: 'injected' | 'heal' | 'healed') =>
      events.find((event) => event.type === type && event.id === id)?.atMs;
    const [begin, heal, end] = [at('injected'), at('heal'), at('healed')];
    if (holdMs === undefined || begin === undefined) return [];
    if (heal === undefined || end === undefined) return [];
    const lastedMs = end - begin;
    if (lastedMs - holdMs <= Math.max(allowedMs, allowedPart * holdMs)) return [];
    const lateMs = Math.max(0, heal - begin - holdMs);
    const why = `its heal began ${seconds(lateMs)} late and took ${seconds(end - heal)}`;
    return [
      `${id} was to be in force for ${seconds(holdMs)}, and was for ${seconds(lastedMs)}: ${why}`,
    ];
  });
}
