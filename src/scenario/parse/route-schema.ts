import { z } from 'zod';
import type { PoolSpec, RouteKind, RouteSpec } from '../../contracts/route.ts';
import { formatDuration, positiveDuration } from '../../std/units/units.ts';

/** How clients reach the cluster: `load.routes`, or `load.route` for all of them. */

export const routeKinds = ['direct', 'multi-host', 'haproxy', 'pgbouncer', 'address'] as const;
const via = z
  .enum(routeKinds)
  .describe('direct, multi-host, haproxy, pgbouncer or address; default: the name of the route.');

const routeName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and hyphens: app');
const nodeName = z.string().min(1);

const poolSchema = z
  .strictObject({
    on25006: z
      .enum(['reconnect', 'retry', 'none'])
      .default('reconnect')
      .describe('What a client does when a read-only server refuses a write.'),
    maxLifetime: positiveDuration
      .optional()
      .describe('A connection older than this is closed before the next write; default: never.'),
  })
  .describe('How clients keep their connections.');

const routeObject = z.strictObject({
  via: via.optional(),
  clients: z.int().min(1).max(2000).optional().describe('Number of clients on this route.'),
  pool: poolSchema.optional(),
  hosts: z
    .array(nodeName)
    .min(1)
    .optional()
    .describe('multi-host: nodes in the order in which they are tried; default: all.'),
  targetSessionAttrs: z
    .enum(['any', 'read-write', 'primary'])
    .optional()
    .describe("multi-host: libpq's target_session_attrs; default: read-write."),
  connectTimeout: positiveDuration
    .optional()
    .describe('multi-host: longest time for one host, as connect_timeout; default: 2s.'),
  node: nodeName.optional().describe("address: a node's own address."),
  host: z.string().min(1).optional().describe('address: a name that is resolved at every connect.'),
  port: z.int().min(1).max(65_535).optional().describe('address: of the host; default: 5432.'),
  pooling: z
    .enum(['session', 'transaction'])
    .optional()
    .describe('pgbouncer: its pool_mode; default: session.'),
  leadsTo: z
    .string()
    .min(1)
    .optional()
    .describe('pgbouncer: what stands behind it, haproxy or a node; default: haproxy.'),
  config: z
    .string()
    .min(1)
    .optional()
    .describe('haproxy, pgbouncer: your own configuration, relative to the scenario file.'),
});
type RawRoute = z.infer<typeof routeObject>;

const routeOrCount = z.union([z.int().min(1).max(2000), routeObject]);
export const routesSchema = z
  .record(routeName, routeOrCount)
  .optional()
  .describe('Routes by name: a number of clients, or { via, clients, pool, ... }.');
export const routeSchema = z
  .union([z.enum(routeKinds), routeObject])
  .optional()
  .describe('The route of all clients: its kind, or { via, pool, ... }.');

/** Each kind's own keys; `via`, `clients` and `pool` belong to every kind. */
const ownKeys: Readonly<Record<RouteKind, readonly (keyof RawRoute)[]>> = {
  direct: [],
  'multi-host': ['hosts', 'targetSessionAttrs', 'connectTimeout'],
  haproxy: ['config'],
  pgbouncer: ['pooling', 'leadsTo', 'config'],
  address: ['node', 'host', 'port'],
};
const everyKey = Object.values(ownKeys).flat();
const defaultConnectTimeoutMs = 2_000;
const postgresPort = 5432;
const usualPool: PoolSpec = { on25006: 'reconnect' };

type Complain = (path: readonly string[], message: string) => void;
type Written = z.infer<typeof routeOrCount>;

export interface WrittenRoutes {
  readonly clients: number | undefined;
  readonly route: z.infer<typeof routeSchema>;
  readonly routes: z.infer<typeof routesSchema>;
}

const usualClients = 16;

/** What `load:` says about its clients and their routes. `routes` is absent where all are direct and nothing is said. */
export function clientsOf(
  { clients, route, routes }: WrittenRoutes,
  complain: Complain,
): { readonly clients: number; readonly routes?: readonly RouteSpec[] } {
  if (route !== undefined && routes !== undefined) {
    complain(['route'], 'cannot be combined with routes');
  }
  if (routes !== undefined) return manyRoutes(routes, clients, complain);
  const all = clients ?? usualClients;
  if (route === undefined) return { clients: all };
  const written = typeof route === 'string' ? { via: route } : route;
  if (written.clients !== undefined) complain(['route', 'clients'], 'is load.clients here');
  const name = written.via ?? 'direct';
  return {
    clients: all,
    routes: [routeOf(name, { ...written, clients: all }, ['route'], complain)],
  };
}

/** The route of a group of clients, under its name. */
export function groupRoute(
  about: {
    readonly name: string;
    readonly clients: number;
    readonly route: WrittenRoutes['route'];
  },
  path: readonly string[],
  complain: Complain,
): RouteSpec {
  const { name, clients, route = 'direct' } = about;
  const written = typeof route === 'string' ? { via: route } : route;
  if (written.clients !== undefined) complain([...path, 'clients'], 'are those of the group');
  return routeOf(name, { via: 'direct', ...written, clients }, path, complain);
}

function manyRoutes(
  routes: Readonly<Record<string, Written>>,
  clients: number | undefined,
  complain: Complain,
) {
  const all = Object.entries(routes).map(([name, written]) => {
    const route = typeof written === 'number' ? { clients: written } : written;
    return routeOf(name, route, ['routes', name], complain);
  });
  if (all.length === 0) complain(['routes'], 'names no route');
  const sum = all.reduce((total, route) => total + route.clients, 0);
  const isWhole = !Object.values(routes).some((each) => clientsIn(each) === undefined);
  if (clients !== undefined && isWhole && clients !== sum) {
    const each = all.map((route) => `${route.name} ${route.clients}`).join(' + ');
    complain(['clients'], `is ${clients}, and the routes have ${each} = ${sum}; leave it out`);
  }
  return { clients: Math.max(1, sum), routes: all };
}

function clientsIn(written: Written): number | undefined {
  return typeof written === 'number' ? written : written.clients;
}

function routeOf(
  name: string,
  written: RawRoute,
  path: readonly string[],
  complain: Complain,
): RouteSpec {
  const kind = written.via ?? routeKinds.find((each) => each === name);
  if (kind === undefined) {
    complain([...path], `needs via: one of ${routeKinds.join(', ')}`);
  }
  const chosen = kind ?? 'direct';
  if (written.clients === undefined) complain([...path], 'needs clients: how many use it');
  for (const key of everyKey) {
    if (written[key] === undefined || ownKeys[chosen].includes(key)) continue;
    const owners = routeKinds.filter((each) => ownKeys[each].includes(key)).join(' and ');
    complain([...path, key], `is a key of ${owners}, and this route is via ${chosen}`);
  }
  const route = {
    name,
    via: chosen,
    clients: written.clients ?? 0,
    pool: poolOf(written.pool),
  };
  return { ...route, ...detailsOf(chosen, written, path, complain) };
}

function poolOf(pool: RawRoute['pool']): PoolSpec {
  if (!pool) return usualPool;
  const { on25006, maxLifetime } = pool;
  return { on25006, ...(maxLifetime !== undefined && { maxLifetimeMs: maxLifetime }) };
}

function detailsOf(
  kind: RouteKind,
  written: RawRoute,
  path: readonly string[],
  complain: Complain,
): Partial<RouteSpec> {
  const config = written.config === undefined ? {} : { config: { file: written.config } };
  switch (kind) {
    case 'direct':
      return {};
    case 'multi-host':
      return {
        ...(written.hosts && { hosts: written.hosts }),
        targetSession: written.targetSessionAttrs ?? 'read-write',
        connectTimeoutMs: written.connectTimeout ?? defaultConnectTimeoutMs,
      };
    case 'haproxy':
      return config;
    case 'pgbouncer':
      return {
        leadsTo: written.leadsTo ?? 'haproxy',
        ...pooling(written),
        ...config,
      };
    case 'address':
      return addressOf(written, path, complain);
  }
}

/** A file of the user's says it itself. */
function pooling({ pooling: mode, config }: RawRoute): Pick<RouteSpec, 'pooling'> {
  if (mode !== undefined) return { pooling: mode };
  return config === undefined ? { pooling: 'session' } : {};
}

/** Without either, a cluster file names it. */
function addressOf(
  { node, host, port }: RawRoute,
  path: readonly string[],
  complain: Complain,
): Partial<RouteSpec> {
  if (node !== undefined && host !== undefined) {
    complain([...path, 'node'], 'cannot be combined with host');
  }
  if (port !== undefined && host === undefined) complain([...path, 'port'], 'needs host');
  if (host !== undefined) return { address: { host, port: port ?? postgresPort } };
  return node === undefined ? {} : { node };
}

/** For people: `app: 8 by haproxy, on25006 reconnect`. */
export function describeRoute(route: RouteSpec): string {
  const { name, via: kind, clients, pool, leadsTo, pooling, node, address, hosts } = route;
  const lifetime = pool.maxLifetimeMs;
  const details = [
    ...(name === kind ? [] : [kind]),
    ...(hosts ? [`hosts ${hosts.join(',')}`] : []),
    ...(route.targetSession && route.targetSession !== 'read-write' ? [route.targetSession] : []),
    ...(pooling ? [`${pooling} pooling`] : []),
    ...(leadsTo === undefined ? [] : [`to ${leadsTo}`]),
    ...(node === undefined ? [] : [`of ${node}`]),
    ...(address ? [`${address.host}:${address.port}`] : []),
    ...(route.config ? [`config ${route.config.file}`] : []),
    ...(pool.on25006 === 'reconnect' ? [] : [`on25006 ${pool.on25006}`]),
    ...(lifetime === undefined ? [] : [`maxLifetime ${formatDuration(lifetime)}`]),
  ];
  return `${clients} ${name}${details.length > 0 ? ` (${details.join(', ')})` : ''}`;
}
