import type { ClusterBackend } from '../../contracts/backend.ts';
import type { RouteSpec } from '../../contracts/route.ts';
import { suggestion } from '../../std/suggest.ts';
import { paramsOf } from './describe.ts';

/** A proxy stands there already, so all that a scenario may say is where: in it, or by name in the cluster file. */
export const refusesRoute: NonNullable<ClusterBackend['refusesRoute']> = (route, cluster) =>
  refusesNamed(route, Object.keys(paramsOf(cluster)?.routes ?? {}));

/** `known`: the routes that the cluster file names. */
export function refusesNamed(route: RouteSpec, known: readonly string[]): string | undefined {
  const { name, via, node, address, config } = route;
  if (config) return `its ${via} is not ours: leave config out`;
  if (node !== undefined || address) return undefined;
  if (known.includes(name)) return undefined;
  return `the cluster file names no route '${name}'${known.length > 0 ? suggestion(name, known) : ''}; write routes: { ${name}: { host: ..., port: ... } } in it`;
}
