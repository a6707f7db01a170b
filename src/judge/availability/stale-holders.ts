import type { Topology } from '../../contracts/cluster.ts';
import type { ReadBack, RunEvent } from '../../contracts/evidence.ts';
import type { StaleHolder } from '../../contracts/result.ts';
import { lsnNumber } from '../../std/units/lsn.ts';
import type { Server } from '../causes/servers.ts';

interface Holder {
  readonly node: string;
  /** Of the server as a primary that holds the lock. */
  timeline: number;
  /** Who has streamed from it: they have what it had, up to their lag. */
  readonly followers: Set<string>;
}

export interface HolderEvidence {
  readonly servers: readonly Server[];
  readonly history: ReadBack['history'];
}

/**
 * When Patroni's lock went to a primary that was never seen following the primary which held it before. Whatever that one
 * acknowledged is then gone, although no failover chose to lose it: a lock that was taken back (patroni #2693), or an
 * old primary that was started first (patroni #2175). A holder that was no primary acknowledged nothing, and a node that
 * takes up its own lock again was not replaced.
 * Units: milliseconds since `originMs` on the events' clock. null: the lock's holders were not seen.
 */
export function staleHolders(
  events: readonly RunEvent[],
  originMs: number,
  evidence: HolderEvidence,
): readonly StaleHolder[] | null {
  const stale: StaleHolder[] = [];
  let holder: Holder | undefined;
  let lock: { readonly node: string | undefined; readonly sinceMs: number } | undefined;
  for (const event of events) {
    if (event.type !== 'topology') continue;
    const { leader, isLockUnknown } = event.topology;
    if (isLockUnknown !== true && (!lock || leader !== lock.node)) {
      lock = { node: leader, sinceMs: event.atMs };
    }
    const now = holderOf(event.topology);
    const isOther = now && now.node !== holder?.node && holder?.followers.has(now.node) === false;
    if (holder && isOther && lacksAcknowledged(now, holder, evidence)) {
      // A server that takes the lock may need seconds until it is a primary.
      const atMs = Math.round((lock?.sinceMs ?? event.atMs) - originMs);
      stale.push({ node: now.node, before: holder.node, timeline: holder.timeline, atMs });
    }
    if (now && now.node !== holder?.node) holder = { ...now, followers: new Set() };
    if (now && holder) holder.timeline = now.timeline;
    for (const node of holder ? followersOf(event.topology, holder) : [])
      holder?.followers.add(node);
  }
  return holder ? stale : null;
}

/**
 * Whether a new holder lacks writes that the one before it acknowledged: one that led for less than the time between two
 * readings was seen following no server, and may have all of them. Its timeline history says where it left the other's.
 */
function lacksAcknowledged(
  now: { readonly timeline: number },
  { node, timeline }: Holder,
  { servers, history }: HolderEvidence,
): boolean {
  const old = servers.find((server) => server.node === node && server.timeline === timeline);
  if (!old) return false;
  const file = history.find((each) => each.timeline === now.timeline);
  if (now.timeline <= timeline || !file) return true;
  const left = file.ancestors.find((ancestor) => ancestor.timeline === timeline);
  return !left || lsnNumber(left.lsn) <= old.mostLsn;
}

/** Undefined when no node holds the lock, or its holder is no primary (yet). */
function holderOf({ leader, members }: Topology): { node: string; timeline: number } | undefined {
  const member = members.find(({ node }) => node === leader);
  if (member?.role !== 'primary' || member.timeline === undefined) return undefined;
  return { node: member.node, timeline: member.timeline };
}

/** A receiver's timeline is that of the server it streams from, so a stream from another server does not count. */
function followersOf({ members }: Topology, { timeline }: Holder): readonly string[] {
  return members.flatMap((member) =>
    member.role === 'replica' && member.isStreaming === true && member.timeline === timeline
      ? [member.node]
      : [],
  );
}
