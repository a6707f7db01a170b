import type { ClusterBackend } from '../../contracts/backend.ts';
import type { RouteSpec } from '../../contracts/route.ts';
import type { Scenario } from '../../contracts/scenario.ts';
import { suggestion } from '../../std/suggest.ts';
import type { Refusals } from './refusals.ts';

interface RouteCheck {
  readonly offered: ClusterBackend | undefined;
  readonly backend: string;
  /** Names of the nodes, as far as they are known. */
  readonly nodes: readonly string[];
  readonly refusals: Refusals;
}

/** Refuses routes that the cluster will not have, and names of no node. */
export function checkRoutes({ load, cluster }: Scenario, about: RouteCheck): void {
  const { offered, backend, nodes, refusals } = about;
  for (const route of load.routes ?? []) {
    const ofMany = `load.routes.${route.name}`;
    const ofGroup = `load.groups.${route.name}.route`;
    const key = [ofMany, ofGroup].find((each) => refusals.has(each)) ?? 'load.route';
    for (const [own, name] of nodesIn(route)) {
      if (nodes.length === 0 || nodes.includes(name)) continue;
      refusals.add(`${key}.${own}`, `there is no node '${name}'${suggestion(name, nodes)}`);
    }
    if (route.config && route.config.text === undefined) {
      refusals.add(`${key}.config`, `${route.config.file} was not read`);
    }
    if (!offered || route.via === 'direct' || route.via === 'multi-host') continue;
    const why = offered.refusesRoute
      ? offered.refusesRoute(route, cluster)
      : `backend ${backend} has no ${route.via}: its clients reach the nodes directly`;
    if (why !== undefined) refusals.add(key, why);
  }
}

/** Every name of a node in it, by its key. */
function nodesIn({ hosts = [], node, leadsTo }: RouteSpec): readonly (readonly [string, string])[] {
  return [
    ...hosts.map((name, index) => [`hosts.${index}`, name] as const),
    ...(node === undefined ? [] : [['node', node] as const]),
    ...(leadsTo === undefined || leadsTo === 'haproxy' ? [] : [['leadsTo', leadsTo] as const]),
  ];
}
