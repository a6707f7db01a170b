import type { RunEvent } from '../../contracts/evidence.ts';

/** Which roles the watcher saw: also those of servers that acknowledged nothing. */
export interface Sightings {
  /** Whether a node other than this one was seen as a primary on the timeline. */
  isOtherPrimaryOn(timeline: number, node: string): boolean;
  /** Whether the node was seen as a replica after that moment, microseconds since the start of the load. */
  isReplicaAfter(node: string, atUs: number): boolean;
}

export function sightingsIn(events: readonly RunEvent[], originMs: number): Sightings {
  const primaries = new Map<number, Set<string>>();
  const lastReplicaUs = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'topology') continue;
    for (const { node, role, timeline } of event.topology.members) {
      if (role === 'replica') lastReplicaUs.set(node, (event.atMs - originMs) * 1000);
      if (role !== 'primary' || timeline === undefined) continue;
      primaries.set(timeline, (primaries.get(timeline) ?? new Set()).add(node));
    }
  }
  return {
    isOtherPrimaryOn: (timeline, node) =>
      [...(primaries.get(timeline) ?? [])].some((other) => other !== node),
    isReplicaAfter: (node, atUs) => (lastReplicaUs.get(node) ?? -Infinity) > atUs,
  };
}
