import type { ProxyConfig, RouteSpec } from '../contracts/route.ts';
import type { Place } from '../machine/layout.ts';

/** One HAProxy or PgBouncer that a backend starts for routes, on a machine of its own. */
export type Proxy = HaproxyProxy | PgbouncerProxy;

export interface HaproxyProxy {
  readonly kind: 'haproxy';
  /** Of its machine: `haproxy1`. */
  readonly place: string;
  readonly config?: ProxyConfig;
  /** Their names. */
  readonly routes: readonly string[];
}

export interface PgbouncerProxy {
  readonly kind: 'pgbouncer';
  readonly place: string;
  readonly config?: ProxyConfig;
  readonly pooling: 'session' | 'transaction';
  /** A node, or the place of an HAProxy. */
  readonly leadsTo: string;
  readonly clients: number;
  readonly routes: readonly string[];
}

/** Whether a machine's name is one that `proxiesOf` gives. */
export function isProxyPlace(name: string): boolean {
  return /^(haproxy|pgbouncer)\d+$/.test(name);
}

/** Where the clients of a proxy connect to. */
export const pgbouncerPort = 6432;

/**
 * The proxies that routes need: one HAProxy for all that want the same one, and a PgBouncer for each route. A PgBouncer that
 * leads to an HAProxy leads to the first one of the load.
 */
export function proxiesOf(routes: readonly RouteSpec[]): readonly Proxy[] {
  const haproxies: HaproxyProxy[] = [];
  const haproxyFor = (config?: ProxyConfig): HaproxyProxy => {
    const same = haproxies.find((one) => one.config?.text === config?.text);
    if (same) return same;
    const made: HaproxyProxy = {
      kind: 'haproxy',
      place: `haproxy${haproxies.length + 1}`,
      routes: routes
        .filter((route) => route.via === 'haproxy' && route.config?.text === config?.text)
        .map(({ name }) => name),
      ...(config && { config }),
    };
    haproxies.push(made);
    return made;
  };
  for (const { via, config } of routes) if (via === 'haproxy') haproxyFor(config);
  const pgbouncers = routes
    .filter(({ via }) => via === 'pgbouncer')
    .map((route, index): PgbouncerProxy => {
      const { name, config, clients, pooling = 'session', leadsTo = 'haproxy' } = route;
      const behind = leadsTo === 'haproxy' ? (haproxies[0] ?? haproxyFor()).place : leadsTo;
      return {
        kind: 'pgbouncer',
        place: `pgbouncer${index + 1}`,
        pooling,
        clients,
        leadsTo: behind,
        routes: [name],
        ...(config && { config }),
      };
    });
  return [...haproxies, ...pgbouncers];
}

/** A node's or a proxy's address. */
export function addressOf(places: readonly Place[], name: string): string {
  return places.find((place) => place.name === name)?.address ?? name;
}
