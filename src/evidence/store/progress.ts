import type { PhaseName, RunEvent } from '../../contracts/evidence.ts';
import { readRunEvents } from './read-run.ts';

/** The phase of a run's last event; undefined between two phases, or at the end. */
export function openPhase(events: readonly RunEvent[]): PhaseName | undefined {
  const last = lastPhase(events);
  return last?.edge === 'begin' ? last.phase : undefined;
}

/** How far a run without a result got, and what to do. Errors: as readStoredRun. */
export function howFar(directory: string): string {
  const events = readRunEvents(directory);
  const phase = lastPhase(events)?.phase ?? 'its start';
  const advice = events.some(({ type }) => type === 'load')
    ? '`forkpoint judge` makes a new one from the evidence.'
    : 'Its load had not begun, so there is nothing to judge.';
  return `It got as far as ${phase}, and ended there or is still going on. ${advice}`;
}

function lastPhase(events: readonly RunEvent[]) {
  return events.findLast((event) => event.type === 'phase');
}
