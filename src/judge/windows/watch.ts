import type { PhaseName, RunEvent } from '../../contracts/evidence.ts';
import { unseenStretches } from '../availability/unseen.ts';
import type { Span } from './bounds.ts';

/** Nodes are watched until they have been read back; on the events' clock. */
export function endOfWatch(events: readonly RunEvent[]): number {
  const isPhase = (event: RunEvent, phase: PhaseName, edge: 'begin' | 'end') =>
    event.type === 'phase' && event.phase === phase && event.edge === edge;
  const end = events.find((event) => isPhase(event, 'readBack', 'end'));
  if (end) return end.atMs;
  const judging = events.findIndex((event) => isPhase(event, 'judge', 'begin'));
  const watched = judging === -1 ? events : events.slice(0, judging);
  return watched.at(-1)?.atMs ?? -Infinity;
}

/** When no reading was answered, or where a node was is unknown; milliseconds since `originMs`, the start of the load. */
export function unseenSpans(events: readonly RunEvent[], originMs: number): readonly Span[] {
  return [...blindSpans(events, originMs), ...replacedUnseen(events, originMs)];
}

/** A silence without an end lasted as long as the watch. Runs of a version that did not write them have none. */
function blindSpans(events: readonly RunEvent[], originMs: number): readonly Span[] {
  const blind = events.filter((event) => event.type === 'blind');
  return blind.flatMap((event, index) => {
    if (event.edge !== 'begin') return [];
    const untilMs = (blind[index + 1]?.atMs ?? Infinity) - originMs;
    return [{ fromMs: event.atMs - event.agoMs - originMs, untilMs }];
  });
}

/** Where a node's machine was replaced unseen, its readings were of a machine that was gone: what the new one was is unknown. */
function replacedUnseen(events: readonly RunEvent[], originMs: number): readonly Span[] {
  return unseenStretches(events, originMs).flatMap(({ fromMs, untilMs, replaced }) =>
    replaced?.length === 0 ? [] : [{ fromMs, untilMs: untilMs ?? Infinity }],
  );
}
