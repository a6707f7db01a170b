import type { Credentials, Endpoint, RouteEntry } from '../contracts/cluster.ts';
import type { RouteSpec } from '../contracts/route.ts';
import { type Layout, ports } from '../machine/layout.ts';
import { haproxyConfig } from './haproxy-config.ts';
import { pgbouncerConfig, userlist } from './pgbouncer-config.ts';
import { addressOf, proxiesOf, type Proxy } from './proxies.ts';

/** A proxy of a lab: its files, and where its routes lead. */
export interface MadeProxy {
  readonly kind: Proxy['kind'];
  /** Of its machine. */
  readonly place: string;
  readonly config: string;
  /** The user's own file, which the program must accept; absent: ours. */
  readonly ownFile?: string;
  /** Where clients connect to. */
  readonly port: number;
  /** PgBouncer's list of users; the only place of a password. */
  readonly users?: string;
  /** Names of its routes, what they lead to, and what was replaced in the user's file. */
  readonly routes: readonly string[];
  readonly what: string;
  readonly notes: readonly string[];
}

/** The files of a proxy on its machine. */
export interface ProxyFiles {
  adminSocket(place: string): string;
  userlist(place: string): string;
}

interface LabOfProxies {
  readonly layout: Layout;
  readonly credentials: Credentials;
  readonly routes: readonly RouteSpec[];
  readonly files: ProxyFiles;
}

export interface ProxyProgram {
  /** For people: PgBouncer. */
  readonly name: string;
  readonly version: string;
}

/** Errors: ScenarioError for what of the user's file cannot be had in a lab. */
export function makeProxy(
  proxy: Proxy,
  { name, version }: ProxyProgram,
  lab: LabOfProxies,
): MadeProxy {
  const { layout, credentials, files } = lab;
  const { kind, place, config: own, routes } = proxy;
  const { text, port, notes } =
    proxy.kind === 'haproxy'
      ? haproxyConfig(layout.nodes, { adminSocket: files.adminSocket(place), own })
      : pgbouncerConfig({
          ...proxy,
          own,
          version,
          server: serverOf(proxy.leadsTo, lab),
          authFile: files.userlist(place),
          hasPassword: credentials.password !== undefined,
          user: credentials.user,
        });
  const behind =
    proxy.kind === 'pgbouncer' ? `, ${proxy.pooling} pooling, in front of ${proxy.leadsTo}` : '';
  return {
    kind,
    place,
    port,
    routes,
    notes,
    config: text,
    what: `${name} ${version}${behind}`,
    ...(own && { ownFile: own.file }),
    ...(kind === 'pgbouncer' && {
      users: userlist(credentials.user, credentials.password ?? ''),
    }),
  };
}

export function entriesOf(
  { routes, what, notes }: MadeProxy,
  endpoint: Endpoint,
): readonly RouteEntry[] {
  return routes.map((route) => ({ route, endpoint, what, notes }));
}

/** A PgBouncer may lead to an HAProxy, which must be up first. */
export function inStartOrder<T extends Pick<MadeProxy, 'kind'>>(
  proxies: readonly T[],
): readonly T[] {
  return proxies.toSorted(
    (a, b) => Number(a.kind === 'pgbouncer') - Number(b.kind === 'pgbouncer'),
  );
}

/** A node, or an HAProxy with the port of its writes. */
function serverOf(name: string, { layout, routes, files }: LabOfProxies) {
  const node = layout.nodes.find((each) => each.name === name);
  if (node) return { name, host: node.address, port: ports.postgres };
  const haproxy = proxiesOf(routes).find((each) => each.place === name);
  const adminSocket = files.adminSocket(name);
  const { port } = haproxyConfig(layout.nodes, { adminSocket, own: haproxy?.config });
  return { name, host: addressOf(layout.proxies ?? [], name), port };
}
