import type { Cluster, Node } from '../contracts/cluster.ts';
import { primaryOf } from '../std/units/leadership.ts';

/** The node that is the one primary now; undefined: there is none. Errors: those of the cluster's topology. */
export async function primaryNode(
  cluster: Pick<Cluster, 'nodes' | 'topology'>,
  signal: AbortSignal,
): Promise<Node | undefined> {
  const primary = primaryOf(await cluster.topology(signal));
  return cluster.nodes.find(({ name }) => name === primary?.node);
}
