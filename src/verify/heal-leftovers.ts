import type { Cluster, Node } from '../contracts/cluster.ts';
import type { RunEvent } from '../contracts/evidence.ts';
import { messageOf } from '../errors.ts';

/**
 * Undoes what a harness that died could not: the packet rules of its injections, stopped and ended processes. Each
 * step is harmless where there is nothing to undo. Returns one sentence per step that failed.
 */
export async function healLeftovers(
  { nodes }: Pick<Cluster, 'nodes'>,
  events: readonly RunEvent[],
): Promise<readonly string[]> {
  const ids = unhealed(events);
  if (ids.length === 0) return [];
  const failures = await Promise.all(nodes.map((node) => healNode(node, ids)));
  return failures.flat();
}

/** Injections that began and are not known to have been healed. */
export function unhealed(events: readonly RunEvent[]): readonly string[] {
  const healed = new Set(events.flatMap((event) => (event.type === 'healed' ? [event.id] : [])));
  return events.flatMap((event) =>
    event.type === 'inject' && !healed.has(event.id) ? [event.id] : [],
  );
}

async function healNode(node: Node, ids: readonly string[]): Promise<readonly string[]> {
  const failures: string[] = [];
  const attempt = async (what: string, work: Promise<void> | undefined): Promise<void> => {
    await work?.catch((error: unknown) => {
      failures.push(`${node.name}: ${what} failed: ${messageOf(error)}`);
    });
  };
  for (const id of ids) await attempt(`clearing ${id}`, node.network?.clear(id));
  await attempt('continuing its processes', node.process?.signal('node', 'SIGCONT'));
  await attempt('starting what has ended', node.process?.start('node'));
  return failures;
}
