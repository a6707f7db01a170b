import type { MemberState } from '../../contracts/cluster.ts';
import type { RunEvent } from '../../contracts/evidence.ts';
import type { NotStreaming } from '../../contracts/result.ts';
import type { Span } from './bounds.ts';
import { endOfWatch, unseenSpans } from './watch.ts';

/** A time in which a node was no primary and was not seen to stream. */
interface Gap {
  readonly node: string;
  readonly fromMs: number;
  /** Infinity: it still did not stream when the watch ended. */
  readonly untilMs: number;
  /** It gave no answer all the time, and the same server streamed before and afterwards: perhaps it did meanwhile, too. */
  readonly isDoubtful: boolean;
}

/**
 * The longest time in which a node that was no primary did not stream, of those that touch these stretches: from its beginning or
 * the stretch's, and to its end, also where that is after the stretch. Roles are read several times a second: what came and went
 * between two readings was not seen. null: no replica was seen by then, or not all the time.
 * Units: milliseconds since `originMs`, the start of the load, on the events' clock.
 */
export function longestNotStreaming(
  stretches: readonly Span[],
  events: readonly RunEvent[],
  originMs: number,
): NotStreaming | null {
  const looks = looksOf(events, originMs);
  const watchedUntilMs = endOfWatch(events) - originMs;
  const blind = unseenSpans(events, originMs);
  const isBlindIn = (fromMs: number, untilMs: number) =>
    blind.some((span) => span.fromMs < untilMs && span.untilMs > fromMs);
  const endMs = stretches.at(-1)?.untilMs ?? -Infinity;
  const hasReplica = looks.some(
    ({ atMs, members }) => atMs < endMs && members.some(({ role }) => role === 'replica'),
  );
  if (!hasReplica || stretches.some((span) => isBlindIn(span.fromMs, span.untilMs))) return null;
  const gaps = gapsIn(looks);
  let longest: NotStreaming = { node: null, leastMs: 0, mostMs: 0 };
  for (const stretch of stretches) {
    for (const gap of gaps) {
      const fromMs = Math.max(gap.fromMs, stretch.fromMs);
      if (gap.untilMs <= fromMs || fromMs >= stretch.untilMs) continue;
      if (isBlindIn(fromMs, gap.untilMs)) return null;
      longest = longerOf(longest, boundsOf(gap, fromMs, watchedUntilMs));
    }
  }
  return longest;
}

function boundsOf(gap: Gap, fromMs: number, watchedUntilMs: number): NotStreaming {
  const isOpen = gap.untilMs === Infinity;
  // A node that is seen last without streaming did not stream for nothing.
  const seenMs = Math.max(1, Math.round(Math.min(gap.untilMs, watchedUntilMs) - fromMs));
  const leastMs = gap.isDoubtful ? 0 : seenMs;
  return { node: gap.node, leastMs, mostMs: isOpen ? null : seenMs };
}

/** The bounds of the longer of two, each of which is known by its bounds. */
function longerOf(a: NotStreaming, b: NotStreaming): NotStreaming {
  const [mostOfA, mostOfB] = [a.mostMs ?? Infinity, b.mostMs ?? Infinity];
  const isLonger = b.leastMs > a.leastMs || (b.leastMs === a.leastMs && mostOfB > mostOfA);
  const mostMs = Math.max(mostOfA, mostOfB);
  return {
    node: isLonger ? b.node : a.node,
    leastMs: Math.max(a.leastMs, b.leastMs),
    mostMs: mostMs === Infinity ? null : mostMs,
  };
}

interface Look {
  readonly atMs: number;
  readonly members: readonly MemberState[];
}

function looksOf(events: readonly RunEvent[], originMs: number): readonly Look[] {
  return events.flatMap((event) => {
    if (event.type !== 'topology') return [];
    return [{ atMs: event.atMs - originMs, members: event.topology.members }];
  });
}

function gapsIn(looks: readonly Look[]): readonly Gap[] {
  const gaps: Gap[] = [];
  /** By node. `before`: how it was when it last streamed or was primary. */
  const open = new Map<string, { fromMs: number; wasSeen: boolean; before?: MemberState }>();
  const good = new Map<string, MemberState>();
  for (const { atMs, members } of looks) {
    for (const member of members) {
      const { node } = member;
      const gap = open.get(node);
      if (member.role === 'primary' || member.isStreaming === true) {
        // A leader that came back as the leader was no replica in between.
        const wasReplica =
          gap && (gap.wasSeen || gap.before?.role !== 'primary' || member.role !== 'primary');
        if (wasReplica) {
          const isDoubtful = !gap.wasSeen && isSameServer(gap.before, member);
          gaps.push({ node, fromMs: gap.fromMs, untilMs: atMs, isDoubtful });
        }
        open.delete(node);
        good.set(node, member);
        continue;
      }
      const before = good.get(node);
      const begun = gap ?? { fromMs: atMs, wasSeen: false, ...(before && { before }) };
      open.set(node, { ...begun, wasSeen: begun.wasSeen || member.role === 'replica' });
    }
  }
  for (const [node, { fromMs }] of open) {
    gaps.push({ node, fromMs, untilMs: Infinity, isDoubtful: false });
  }
  return gaps;
}

/** It streamed before and after, and neither the server nor its processes were started anew meanwhile. */
function isSameServer(before: MemberState | undefined, after: MemberState): boolean {
  if (before?.role !== 'replica' || after.role !== 'replica') return false;
  const { startedAt, processesSince } = after;
  return (
    startedAt !== undefined &&
    before.startedAt === startedAt &&
    before.processesSince === processesSince
  );
}
