import type { RunEvent } from '../../contracts/evidence.ts';

/**
 * Whether anything that may have ended its PostgreSQL happened to a node from a moment of the load on (milliseconds): a fault, an
 * end or a start that no step explains, or that it was seen down. null: to any node.
 */
export type WasDisturbed = (node: string | null, sinceMs: number) => boolean;

export function disturbedBy(events: readonly RunEvent[], originMs: number): WasDisturbed {
  const moments = events.flatMap((event) =>
    nodesOf(event, events).map((node) => ({ node, atMs: event.atMs - originMs })),
  );
  return (node, sinceMs) =>
    moments.some((each) => (node === null || each.node === node) && each.atMs >= sinceMs);
}

function nodesOf(event: RunEvent, events: readonly RunEvent[]): readonly string[] {
  switch (event.type) {
    case 'inject':
      return event.targets;
    case 'injected':
    case 'healed': {
      const begun = events.find((each) => each.type === 'inject' && each.id === event.id);
      return begun?.type === 'inject' ? begun.targets : [];
    }
    case 'unplanned':
      return [event.node];
    case 'topology':
      return event.topology.members.filter(({ role }) => role === 'down').map(({ node }) => node);
    default:
      return [];
  }
}
