import type { RouteSpec } from '../../contracts/route.ts';
import type { LoadSpec } from '../../contracts/scenario.ts';

/** A route with the first of its writers: which writer uses which route is decided by the plan alone. */
export interface RoutedWriters extends RouteSpec {
  readonly firstWriter: number;
}

/** Every route of a load, in the order of their writers; a load that names none has one, directly. */
export function routesOf({ routes, clients }: Pick<LoadSpec, 'routes' | 'clients'>) {
  const all: readonly RouteSpec[] = routes ?? [
    { name: 'direct', via: 'direct', clients, pool: { on25006: 'reconnect' } },
  ];
  let firstWriter = 0;
  return all.map((route): RoutedWriters => {
    const placed = { ...route, firstWriter };
    firstWriter += route.clients;
    return placed;
  });
}
