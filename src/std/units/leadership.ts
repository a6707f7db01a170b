import type { MemberState, Topology } from '../../contracts/cluster.ts';

/** Every server that says it is primary: more than one while an old primary is cut off. */
export function primariesOf({ members }: Topology): readonly MemberState[] {
  return members.filter(({ role }) => role === 'primary');
}

/** The one primary; undefined where there is none, or more than one. */
export function primaryOf(topology: Topology): MemberState | undefined {
  const primaries = primariesOf(topology);
  return primaries.length === 1 ? primaries[0] : undefined;
}

/** Of several primaries the one on the newest timeline: an old one that is cut off stays primary on its own. */
export function newestPrimaryOf(topology: Topology): MemberState | undefined {
  return primariesOf(topology).toSorted((a, b) => (b.timeline ?? 0) - (a.timeline ?? 0))[0];
}

/** The name of the holder of Patroni's lock; without Patroni, of the one primary. */
export function leaderOf(topology: Topology): string | undefined {
  return topology.leader ?? primaryOf(topology)?.node;
}
