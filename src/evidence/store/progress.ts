import type { PhaseName, RunEvent } from '../../contracts/evidence.ts';
import { readRunEvents } from './read-run.ts';

/** The phase that a run was in when it wrote its last event; undefined where it was between two, or done. */
export function openPhase(events: readonly RunEvent[]): PhaseName | undefined {
  const last = lastPhase(events);
  return last?.edge === 'begin' ? last.phase : undefined;
}

/** How far a run without a result came, and what can be done about it. Errors: as readStoredRun. */
export function howFar(directory: string): string {
  const events = readRunEvents(directory);
  const phase = lastPhase(events)?.phase ?? 'its start';
  const advice = events.some(({ type }) => type === 'load')
    ? '`forkpoint judge` makes it anew from the evidence.'
    : 'Its load had not begun, so there is nothing to judge.';
  return `It came as far as ${phase}, and ended there or still goes on. ${advice}`;
}

function lastPhase(events: readonly RunEvent[]) {
  return events.findLast((event) => event.type === 'phase');
}
