import type { MemberState, Topology } from '../../contracts/cluster.ts';
import { newestPrimaryOf, primariesOf } from '../../std/units/leadership.ts';

/** A node that was primary, while another one is. */
export interface OldPrimary {
  readonly node: string;
  /** The one that it wrote to. */
  readonly timeline: number;
  /** The primary now, and its timeline. */
  readonly successor: string;
  readonly newTimeline: number;
  /** It still says that it is primary, so it may acknowledge more. */
  readonly isPrimary: boolean;
}

interface Seen {
  /** When it was primary last. */
  timeline: number;
  /** What was said of it last since another node is primary. */
  said: 'nothing' | 'as primary' | 'as demoted';
}

/**
 * Says of which nodes evidence is to be taken, as the topology changes: of a node that was primary, once when another node is,
 * and once more whenever it ceases to be or is primary again, for what it acknowledged meanwhile.
 */
export class OldPrimaries {
  readonly #seen = new Map<string, Seen>();

  looked(topology: Topology): readonly OldPrimary[] {
    const current = currentPrimary(topology);
    for (const { node, timeline } of primariesOf(topology)) this.#wasPrimary(node, timeline);
    if (!current) return [];
    const { node: successor, timeline: newTimeline } = current;
    const own = this.#seen.get(successor);
    if (own) own.said = 'nothing';
    if (newTimeline === undefined) return [];
    return topology.members.flatMap((member) => {
      const { node } = member;
      const seen = node === successor ? undefined : this.#seen.get(node);
      if (!seen || hasRejoined(member, seen.timeline)) return [];
      const isPrimary = member.role === 'primary';
      const saying = isPrimary ? 'as primary' : 'as demoted';
      if (seen.said === saying) return [];
      seen.said = saying;
      return [{ node, timeline: seen.timeline, successor, newTimeline, isPrimary }];
    });
  }

  #wasPrimary(node: string, timeline: number | undefined): void {
    if (timeline === undefined) return;
    const seen = this.#seen.get(node);
    if (seen) seen.timeline = timeline;
    else this.#seen.set(node, { timeline, said: 'nothing' });
  }
}

/** The holder of the lock decides: an old primary may take it back from one on a newer timeline. */
function currentPrimary(topology: Topology): MemberState | undefined {
  const primaries = primariesOf(topology);
  return primaries.find(({ node }) => node === topology.leader) ?? newestPrimaryOf(topology);
}

/** What it wrote past the fork is gone by then. */
function hasRejoined({ role, timeline }: MemberState, own: number): boolean {
  return role === 'replica' && timeline !== undefined && timeline > own;
}
