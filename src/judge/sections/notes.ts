import type { RunEvent } from '../../contracts/evidence.ts';
import type { RunFacts } from '../../evidence/events/run-facts.ts';
import { seconds } from '../../std/units/shown.ts';

/** What was noted before the load, and Patroni's maintenance mode that began later. */
export function notesOf(
  { notes, originMs }: Pick<RunFacts, 'notes' | 'originMs'>,
  events: readonly RunEvent[],
): readonly string[] {
  return [...new Set([...notes, ...refusalsIn(events), ...pausesIn(events, originMs)])];
}

/** Where the scenario expects no refusal, it is a problem of the run, with its reason. */
function refusalsIn(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.type !== 'inject' || !event.expected) return [];
    const { id } = event;
    const refusal = events.find((each) => each.type === 'notCarriedOut' && each.id === id);
    if (refusal?.type !== 'notCarriedOut') return [];
    const wish = event.expected === 'refused' ? 'demands' : 'allows';
    return [`${id} was refused, as the scenario ${wish}: ${refusal.why}`];
  });
}

/** A pause that was there before the run is noted when it connects. */
function pausesIn(events: readonly RunEvent[], originMs: number): readonly string[] {
  const readings = events.flatMap((event) =>
    event.type === 'topology' && !event.topology.isLockUnknown
      ? [{ atMs: event.atMs - originMs, isPaused: event.topology.isPaused }]
      : [],
  );
  return readings.flatMap(({ atMs, isPaused }, index) => {
    if (!isPaused || readings[index - 1]?.isPaused !== false) return [];
    const end = readings.slice(index).find((reading) => !reading.isPaused);
    const until = end ? `until ${seconds(end.atMs)}` : 'to the end';
    return [`Patroni was paused (maintenance mode) from ${seconds(atMs)} ${until}`];
  });
}
