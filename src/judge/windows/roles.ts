import type { PhaseName, RunEvent } from '../../contracts/evidence.ts';
import { unseenStretches } from '../availability/unseen.ts';
import type { Span } from './bounds.ts';

type Role = 'primary' | 'replica' | 'down';

interface Look {
  readonly atMs: number;
  readonly roles: ReadonlyMap<string, Role>;
}

/**
 * What the roles of the nodes say of a stretch of the run, read several times a second: a state that came and went between
 * two readings was not seen. Looks are written on a change, so each holds until the next one, and the last until the end of
 * the watch.
 */
export class RoleLog {
  readonly #looks: readonly Look[];
  /** When no reading was answered, or where a node was is unknown. */
  readonly #blind: readonly Span[];
  readonly #endMs: number;

  /** `originMs`: the start of the load on the events' clock. */
  constructor(events: readonly RunEvent[], originMs: number) {
    this.#looks = events.flatMap((event) => {
      if (event.type !== 'topology') return [];
      const roles = new Map(event.topology.members.map(({ node, role }) => [node, role]));
      return [{ atMs: event.atMs - originMs, roles }];
    });
    this.#endMs = endOfWatch(events) - originMs;
    this.#blind = [...blindSpans(events, originMs), ...replacedUnseen(events, originMs)];
  }

  /** How long two nodes at once were primary, milliseconds; null: the roles were not seen by then, or not all the time. */
  splitBrainMs(stretches: readonly Span[]): number | null {
    if (!this.#wasSeenIn(stretches)) return null;
    let sum = 0;
    this.#looks.forEach(({ atMs, roles }, index) => {
      const primaries = [...roles.values()].filter((role) => role === 'primary').length;
      if (primaries < 2) return;
      // Two primaries that are seen last are not nothing.
      const untilMs = this.#looks[index + 1]?.atMs ?? Math.max(this.#endMs, atMs + 1);
      for (const span of stretches) {
        sum += Math.max(0, Math.min(untilMs, span.untilMs) - Math.max(atMs, span.fromMs));
      }
    });
    return Math.round(sum);
  }

  /**
   * How often a primary ended being one, and was a replica when its role was seen next. One that was killed and came back as a
   * replica counts; one that came back as primary, or not at all, does not. null: the roles were not seen by then, or not all the time.
   */
  demotions(stretches: readonly Span[]): number | null {
    if (!this.#wasSeenIn(stretches)) return null;
    let demotions = 0;
    const last = new Map<string, Role>();
    const endedMs = new Map<string, number>();
    for (const { atMs, roles } of this.#looks) {
      for (const [node, role] of roles) {
        if (last.get(node) === 'primary' && role !== 'primary') endedMs.set(node, atMs);
        const endMs = endedMs.get(node);
        if (role === 'replica' && endMs !== undefined && isWithin(endMs, stretches)) demotions++;
        if (role !== 'down') endedMs.delete(node);
        last.set(node, role);
      }
    }
    return demotions;
  }

  #wasSeenIn(stretches: readonly Span[]): boolean {
    const endMs = stretches.at(-1)?.untilMs ?? -Infinity;
    const isBlind = this.#blind.some(({ fromMs, untilMs }) =>
      stretches.some((span) => span.fromMs < untilMs && span.untilMs > fromMs),
    );
    return !isBlind && this.#looks.some(({ atMs }) => atMs < endMs);
  }
}

/** Nodes are watched until they have been read back; on the events' clock. */
function endOfWatch(events: readonly RunEvent[]): number {
  const isPhase = (event: RunEvent, phase: PhaseName, edge: 'begin' | 'end') =>
    event.type === 'phase' && event.phase === phase && event.edge === edge;
  const end = events.find((event) => isPhase(event, 'readBack', 'end'));
  if (end) return end.atMs;
  const judging = events.findIndex((event) => isPhase(event, 'judge', 'begin'));
  const watched = judging === -1 ? events : events.slice(0, judging);
  return watched.at(-1)?.atMs ?? -Infinity;
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

export function isWithin(atMs: number, stretches: readonly Span[]): boolean {
  return stretches.some(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs);
}
