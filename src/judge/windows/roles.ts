import type { RunEvent } from '../../contracts/evidence.ts';
import type { Span } from './bounds.ts';
import { endOfWatch, unseenSpans } from './watch.ts';

type Role = 'primary' | 'replica' | 'down';

interface Look {
  readonly atMs: number;
  readonly roles: ReadonlyMap<string, Role>;
}

/** A time in which at least two nodes were primary, milliseconds since the start of the load. */
export interface TwoPrimaries extends Span {
  readonly nodes: readonly string[];
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
    this.#blind = unseenSpans(events, originMs);
  }

  /** How long two nodes at once were primary, milliseconds; null: the roles were not seen by then, or not all the time. */
  splitBrainMs(stretches: readonly Span[]): number | null {
    if (!this.#wasSeenIn(stretches)) return null;
    let sum = 0;
    for (const { fromMs, untilMs } of this.#twoPrimaries()) {
      for (const span of stretches) {
        sum += Math.max(0, Math.min(untilMs, span.untilMs) - Math.max(fromMs, span.fromMs));
      }
    }
    return Math.round(sum);
  }

  /** When two nodes at once were primary; null: the roles were not seen, or not all the time. */
  splitBrains(): readonly TwoPrimaries[] | null {
    if (!this.#wasSeenIn([{ fromMs: -Infinity, untilMs: Infinity }])) return null;
    return this.#twoPrimaries();
  }

  /** As far as it was seen; what follows without a pause is one. */
  #twoPrimaries(): readonly TwoPrimaries[] {
    const found: TwoPrimaries[] = [];
    this.#looks.forEach(({ atMs, roles }, index) => {
      const primaries = [...roles].flatMap(([node, role]) => (role === 'primary' ? [node] : []));
      if (primaries.length < 2) return;
      // Two primaries that are seen last are not nothing.
      const untilMs = this.#looks[index + 1]?.atMs ?? Math.max(this.#endMs, atMs + 1);
      const last = found.at(-1);
      const goesOn = last?.untilMs === atMs;
      const nodes = [...new Set([...(goesOn ? last.nodes : []), ...primaries])].sort();
      const fromMs = goesOn ? last.fromMs : atMs;
      found.splice(goesOn ? -1 : found.length, 1, { nodes, fromMs, untilMs });
    });
    return found;
  }

  /**
   * How often a primary ended being one, and was a replica when its role was seen next. One that was killed and came back as a
   * replica counts; one that came back as primary, or not at all, does not. null: the roles were not seen by then, or not all the time.
   */
  demotions(stretches: readonly Span[]): number | null {
    if (!this.#wasSeenIn(stretches)) return null;
    return this.#demotions().filter(({ atMs }) => isWithin(atMs, stretches)).length;
  }

  /** How many of these demotions were of a node that had been demoted in the stretch before; null as of `demotions`. */
  demotedAgain(stretches: readonly Span[]): number | null {
    if (!this.#wasSeenIn(stretches)) return null;
    const within = this.#demotions().filter(({ atMs }) => isWithin(atMs, stretches));
    return within.length - new Set(within.map(({ node }) => node)).size;
  }

  /** When each ended being a primary. */
  #demotions(): readonly { readonly node: string; readonly atMs: number }[] {
    const demotions: { node: string; atMs: number }[] = [];
    const last = new Map<string, Role>();
    const endedMs = new Map<string, number>();
    for (const { atMs, roles } of this.#looks) {
      for (const [node, role] of roles) {
        if (last.get(node) === 'primary' && role !== 'primary') endedMs.set(node, atMs);
        const endMs = endedMs.get(node);
        if (role === 'replica' && endMs !== undefined) demotions.push({ node, atMs: endMs });
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

export function isWithin(atMs: number, stretches: readonly Span[]): boolean {
  return stretches.some(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs);
}
