import { formatLsn, lsnNumber } from '../../std/units/lsn.ts';
import { extent } from '../../std/units/extent.ts';
import type { ReadBack, RunEvent } from '../../contracts/evidence.ts';
import type { Fork } from '../../contracts/result.ts';
import type { Server } from './servers.ts';

/**
 * The forks of the run: those of every history file that was found, unless older than the first timeline on which
 * anything was acknowledged. divergentBytes: how far past the fork the last acknowledged write on the parent timeline
 * began; null when none is known on that timeline.
 */
export function forksOf(
  readBack: ReadBack,
  servers: readonly Server[],
  events: readonly RunEvent[],
): readonly Fork[] {
  const [first] = extent(servers.map(({ timeline }) => timeline)) ?? [Infinity];
  const final = readBack.nodes.find(({ node }) => node === readBack.primary);
  const forks = new Map<string, Fork>();
  for (const { timeline, ancestors } of readBack.history) {
    ancestors.forEach((ancestor, index) => {
      const child = ancestors[index + 1]?.timeline ?? timeline;
      if (ancestor.timeline < first) return;
      const lsn = lsnNumber(ancestor.lsn);
      // Of two servers on one timeline the history is the final primary's.
      const isFinal = child === final?.timeline;
      const newPrimary = isFinal ? final.node : firstPrimary({ child, lsn }, servers, events);
      forks.set(`${ancestor.timeline} ${child} ${lsn}`, {
        parentTimeline: ancestor.timeline,
        timeline: child,
        lsn: formatLsn(lsn),
        oldPrimary: lastPrimary(ancestor.timeline, servers, events),
        newPrimary: newPrimary ?? null,
        takenOverAtMs: takenOverAtMs(child, newPrimary, servers),
        divergentBytes: divergentBytes(ancestor.timeline, lsn, servers),
      });
    });
  }
  return [...forks.values()].sort((a, b) => a.timeline - b.timeline);
}

function divergentBytes(timeline: number, lsn: number, servers: readonly Server[]): number | null {
  const onParent = servers.filter((server) => server.timeline === timeline);
  if (onParent.length === 0) return null;
  return Math.max(0, ...onParent.map(({ mostLsn }) => mostLsn - lsn));
}

function takenOverAtMs(
  timeline: number,
  node: string | undefined,
  servers: readonly Server[],
): number | null {
  const first = servers.find((server) => server.timeline === timeline && server.node === node);
  return first ? Math.round(first.firstUs / 1000) : null;
}

/** What clients saw counts; what the watcher saw only where no client was. */
function lastPrimary(
  timeline: number,
  servers: readonly Server[],
  events: readonly RunEvent[],
): string | null {
  const seen = servers.filter((server) => server.timeline === timeline);
  const last = seen.toSorted((a, b) => a.lastUs - b.lastUs).at(-1);
  return last?.node ?? watched(timeline, events).at(-1) ?? null;
}

/** A server that acknowledged at positions before the fork stands on another history of that number. */
function firstPrimary(
  { child, lsn }: { readonly child: number; readonly lsn: number },
  servers: readonly Server[],
  events: readonly RunEvent[],
): string | undefined {
  const first = servers.find((server) => server.timeline === child && server.leastLsn >= lsn);
  return first?.node ?? watched(child, events)[0];
}

function watched(timeline: number, events: readonly RunEvent[]): string[] {
  return events
    .filter((event) => event.type === 'topology')
    .flatMap(({ topology }) => topology.members)
    .filter((member) => member.role === 'primary' && member.timeline === timeline)
    .map(({ node }) => node);
}
