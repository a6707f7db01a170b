import type { Cluster } from '../contracts/cluster.ts';
import type { LoadSpec } from '../contracts/scenario.ts';
import type { WorkerRoute } from '../routes/worker-route.ts';
import { routesOf } from '../scenario/words/routes.ts';
import { ClusterError } from '../std/errors.ts';

/**
 * The routes of a load with the addresses that they lead to.
 * Errors: ClusterError for one that the cluster was booted without, or a node that it lacks.
 */
export function workerRoutesOf(
  cluster: Pick<Cluster, 'nodes' | 'routes'>,
  load: Pick<LoadSpec, 'routes' | 'clients'>,
): readonly WorkerRoute[] {
  const indexOf = (route: string, name: string): number => {
    const index = cluster.nodes.findIndex((node) => node.name === name);
    if (index >= 0) return index;
    const known = cluster.nodes.map((node) => node.name).join(', ');
    throw new ClusterError(`route ${route}: there is no node ${name}; nodes: ${known}`);
  };
  return routesOf(load).map((route) => {
    const { name, via, pool, firstWriter, clients, hosts, pooling } = route;
    const { targetSession, connectTimeoutMs } = route;
    const entry = entryOf(cluster, route);
    const isPinned = route.via !== 'direct' && route.via !== 'multi-host';
    return {
      name,
      via,
      pool,
      firstWriter,
      writers: clients,
      ...(hosts && { hosts: hosts.map((host) => indexOf(name, host)) }),
      ...(targetSession && { targetSession }),
      ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
      ...(entry && { entry }),
      ...(route.node !== undefined && isPinned && { pinned: indexOf(name, route.node) }),
      ...(pooling && { pooling }),
    };
  });
}

/** Whether a connection of the load may lead to a server that the client does not name. */
export function hidesNodes({ routes = [] }: Pick<LoadSpec, 'routes'>): boolean {
  return routes.some(({ via }) => via !== 'direct' && via !== 'multi-host');
}

function entryOf(
  { routes = [] }: Pick<Cluster, 'routes'>,
  route: ReturnType<typeof routesOf>[number],
): WorkerRoute['entry'] {
  if (route.via === 'direct' || route.via === 'multi-host') return undefined;
  if (route.node !== undefined) return undefined;
  const made = routes.find((each) => each.route === route.name);
  if (made) return made.endpoint;
  if (route.address) return route.address;
  throw new ClusterError(
    `route ${route.name}: this cluster was booted without a ${route.via} for it; run the scenario on a cluster of its own`,
  );
}
