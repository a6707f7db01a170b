import type { Topology } from '../../contracts/cluster.ts';
import type { RunEvent } from '../../contracts/evidence.ts';
import type { LockTheft } from '../../contracts/result.ts';

interface Holding {
  readonly node: string;
  readonly fromMs: number;
  /** Where it was a primary, at the last reading; undefined: it was none. */
  readonly timeline: number | undefined;
}

/**
 * When Patroni's lock went from a primary to another node that led without a promotion, with no reading in between in which the
 * lock was free. A failover or a switchover starts a timeline: there the next primary's is later than the one before it had, even
 * where an old primary goes on and the moment in which the lock was free lay between two readings.
 * Units: milliseconds since `originMs` on the events' clock.
 */
export function lockThefts(events: readonly RunEvent[], originMs: number): readonly LockTheft[] {
  const thefts: LockTheft[] = [];
  let holding: Holding | undefined;
  /** Until its thief is seen as a primary, on whichever timeline. */
  let suspected: LockTheft | undefined;
  for (const event of events) {
    // What happened while no reading was answered is not known: the lock may have been free.
    if (event.type === 'blind') holding = undefined;
    if (event.type !== 'topology') continue;
    const { leader, isLockUnknown } = event.topology;
    if (isLockUnknown === true || leader === undefined) {
      holding = undefined;
      continue;
    }
    const atMs = Math.round(event.atMs - originMs);
    if (holding && leader !== holding.node) suspected = suspicion(holding, leader, atMs);
    const timeline = primaryTimeline(event.topology, leader);
    if (suspected?.thief === leader && timeline !== undefined) {
      if (timeline <= suspected.timeline) thefts.push(suspected);
      suspected = undefined;
    }
    const fromMs = leader === holding?.node ? holding.fromMs : atMs;
    holding = { node: leader, fromMs, timeline };
  }
  return thefts;
}

function suspicion(
  { node, fromMs, timeline }: Holding,
  thief: string,
  atMs: number,
): LockTheft | undefined {
  if (timeline === undefined) return undefined;
  return { holder: node, heldFromMs: fromMs, timeline, thief, atMs };
}

function primaryTimeline({ members }: Topology, node: string): number | undefined {
  const member = members.find((each) => each.node === node);
  return member?.role === 'primary' ? member.timeline : undefined;
}
