import type { Topology } from '../../contracts/cluster.ts';
import type { RunEvent } from '../../contracts/evidence.ts';
import type { LockTheft } from '../../contracts/result.ts';

interface Holding {
  readonly node: string;
  readonly fromMs: number;
}

/**
 * When Patroni's lock went from one primary to another that no promotion had made its successor, with no reading in between in
 * which the lock was free. A failover or a switchover starts a timeline: there the next holder's is later than the one before it
 * has, even where an old primary goes on and the moment in which the lock was free lay between two readings.
 * Units: milliseconds since `originMs` on the events' clock.
 */
export function lockThefts(events: readonly RunEvent[], originMs: number): readonly LockTheft[] {
  const thefts: LockTheft[] = [];
  let holding: Holding | undefined;
  let isBlind = false;
  for (const event of events) {
    // What happened while no reading was answered is not known: the lock may have been free.
    if (event.type === 'blind') isBlind = true;
    if (event.type !== 'topology') continue;
    if (event.topology.isLockUnknown === true) {
      isBlind = true;
      continue;
    }
    const atMs = Math.round(event.atMs - originMs);
    const { leader } = event.topology;
    if (holding && leader !== undefined && leader !== holding.node && !isBlind) {
      thefts.push(...theftOf(holding, { thief: leader, atMs, topology: event.topology }));
    }
    if (leader !== holding?.node) {
      holding = leader === undefined ? undefined : { node: leader, fromMs: atMs };
    }
    isBlind = false;
  }
  return thefts;
}

function theftOf(
  { node, fromMs }: Holding,
  {
    thief,
    atMs,
    topology,
  }: { readonly thief: string; readonly atMs: number; readonly topology: Topology },
): readonly LockTheft[] {
  const primary = (name: string) =>
    topology.members.find((each) => each.node === name && each.role === 'primary');
  const timeline = primary(node)?.timeline;
  const own = primary(thief)?.timeline;
  if (timeline === undefined || own === undefined || own > timeline) return [];
  return [{ holder: node, heldFromMs: fromMs, timeline, thief, atMs }];
}
