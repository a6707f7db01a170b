import type { Topology } from '../../contracts/cluster.ts';
import type { RunEvent } from '../../contracts/evidence.ts';
import type { LeaderChange } from '../../contracts/result.ts';
import type { Server } from '../causes/servers.ts';
import { Requests } from './leadership-requests.ts';

/** A server seen as a primary, by the watcher or by a client whose write it acknowledged. */
interface Sighting {
  readonly atMs: number;
  readonly node: string;
  readonly timeline: number;
  /** Whether it held Patroni's lock then; undefined: unknown. */
  readonly isHolder: boolean | undefined;
}

/**
 * Which node took over from which, by the watcher's sightings and by what servers acknowledged on which timeline: a short
 * reign may be seen by only one of the two.
 * - A primary on a later timeline than the one before it was promoted: another node, or the same one again.
 * - A primary on the same timeline or an older one has taken over when it holds the lock that the one before it had held: no
 *   timeline history shows that, because no promotion started a new timeline.
 * An old primary that is still seen without the lock is neither.
 * Units: milliseconds since `originMs`, the start of the load, on the events' clock. null: the roles were not seen.
 */
export function leaderChanges(
  events: readonly RunEvent[],
  originMs: number,
  servers: readonly Server[],
): readonly LeaderChange[] | null {
  if (!events.some(({ type }) => type === 'topology')) return null;
  const requests = new Requests(events, originMs);
  const changes: LeaderChange[] = [];
  const past = new Set<string>();
  let reign: (Sighting & { hasHeldLock: boolean }) | undefined;
  for (const seen of sightings(events, originMs, servers)) {
    const { node, timeline, atMs, isHolder } = seen;
    const isSame = reign?.node === node && reign.timeline === timeline;
    if (reign && isSame) reign.hasHeldLock ||= isHolder === true;
    const isPast = past.has(`${node} ${timeline}`);
    if (isSame || (reign && !hasTakenOver(seen, reign, isPast))) continue;
    if (reign) {
      past.add(`${reign.node} ${reign.timeline}`);
      const change = { node, before: reign.node, timeline, atMs };
      changes.push({ ...change, how: howOf(change, reign.timeline, requests) });
    }
    reign = { ...seen, hasHeldLock: isHolder === true };
  }
  return changes;
}

/** Failovers: another node leads, and no fault requested it. */
export function failoversIn(changes: readonly LeaderChange[]): number {
  return changes.filter(({ how }) => how === 'failover' || how === 'lockTaken').length;
}

/** `isPast`: it led on this timeline before. A promotion would start a new one, so only the lock can return to it. */
function hasTakenOver(
  seen: Sighting,
  reign: Sighting & { hasHeldLock: boolean },
  isPast: boolean,
): boolean {
  if (seen.timeline > reign.timeline && !isPast) return true;
  return seen.node !== reign.node && seen.isHolder === true && reign.hasHeldLock;
}

function howOf(
  change: Omit<LeaderChange, 'how'>,
  timelineBefore: number,
  requests: Requests,
): LeaderChange['how'] {
  if (change.node === change.before) return 'repromotion';
  if (requests.asksFor(change)) return 'asked';
  return change.timeline > timelineBefore ? 'failover' : 'lockTaken';
}

function sightings(
  events: readonly RunEvent[],
  originMs: number,
  servers: readonly Server[],
): readonly Sighting[] {
  const watched = events.flatMap((event) =>
    event.type === 'topology' ? primariesIn(event.topology, event.atMs - originMs) : [],
  );
  const answered = servers.map(({ node, timeline, firstUs }): Sighting => {
    return { node, timeline, atMs: Math.round(firstUs / 1000), isHolder: undefined };
  });
  return [...watched, ...answered].sort((a, b) => a.atMs - b.atMs);
}

function primariesIn(topology: Topology, atMs: number): readonly Sighting[] {
  const { leader, isLockUnknown, members } = topology;
  return members.flatMap(({ node, role, timeline }) => {
    if (role !== 'primary' || timeline === undefined) return [];
    const isHolder = isLockUnknown === true ? undefined : leader === node;
    return [{ node, timeline, atMs: Math.round(atMs), isHolder }];
  });
}
