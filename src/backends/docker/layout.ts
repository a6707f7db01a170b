import type { RouteSpec } from '../../contracts/route.ts';
import { servicePortsOf } from '../../routes/entry-port.ts';
import { proxiesOf } from '../../routes/proxies.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { type Layout, siteNames } from '../../machine/layout.ts';
import { firstMember, memberNames } from './member-names.ts';
import type { Service } from './compose-file.ts';

/** A relay to PostgreSQL that packet rules never block: the harness's own way in when it has no Unix socket. */
export const observerPort = 6432;
export const folder = '/var/lib/postgresql';
/** Mount points of a member's two disks. Data is a folder in its disk: Patroni removes and renames that folder. */
export const disks = { data: `${folder}/disk`, wal: `${folder}/wal` } as const;
export const dataFolder = `${disks.data}/data`;
export const snapshots = `${folder}/snapshots`;
export const walFolder = `${disks.wal}/pg_wal`;
/** Of etcd in its container, on a disk of its own: see docker-compose.ha.yml. */
export const etcdFolder = '/var/lib/etcd/data';
/** Patroni's configuration, written by the image's entry point. */
export const patroniFile = '/var/lib/forkpoint/patroni.yml';
/** Not /var/run: that is a link to /run, which would resolve outside of /proc/PID/root. */
export const socketFolder = '/run/postgresql';
/** Addresses .11 to .20: the compose file's other services come after. */
export const mostNodes = 10;

const firstProxy = 221;
export const sinkName = 'sink';
/** The machine of the consumers that write to the sink. */
export const consumersSite = 'consumers';

export interface ClusterServices {
  readonly members: readonly Service[];
  readonly dcs: readonly Service[];
  readonly clients: readonly Service[];
  readonly proxies: readonly Service[];
  /** At most one. */
  readonly sinks: readonly Service[];
  /** The machine of those who write to the sink: at most one, and none on this host. */
  readonly consumers: readonly Service[];
  /** The same as places, for packet rules. */
  readonly layout: Layout;
}

/**
 * The services of the compose file for a cluster of this size. Members beyond the file's three are copies of the first;
 * load runs in containers of its own, or on this host, which is then the only client site.
 */
export function layOut(
  services: ReadonlyMap<string, Service>,
  options: {
    readonly nodes: number;
    readonly subnet: string;
    readonly hasClientContainers: boolean;
    readonly routes?: readonly RouteSpec[] | undefined;
    readonly hasSink?: boolean;
  },
): ClusterServices {
  const { nodes, subnet, hasClientContainers, routes = [], hasSink = false } = options;
  const template = services.get(firstMember);
  if (!template) throw new EnvironmentError(`docker-compose.ha.yml has no service ${firstMember}`);
  const members = memberNames(nodes).map((name, index) =>
    copyOf(template, name, `${subnet}.${11 + index}`),
  );
  const dcs = [...services.values()].filter(({ command }) => command[0] === 'etcd');
  const clients = hasClientContainers
    ? siteNames.map((name, index) => copyOf(template, name, `${subnet}.${201 + index}`))
    : [];
  const planned = proxiesOf(routes);
  const proxies = planned.map(({ place }, index) =>
    copyOf(template, place, `${subnet}.${firstProxy + index}`),
  );
  const proxyPlaces = planned.map((proxy, index) => ({
    name: proxy.place,
    address: `${subnet}.${firstProxy + index}`,
    servicePorts: servicePortsOf(proxy),
  }));
  const sinks = hasSink ? [copyOf(template, sinkName, `${subnet}.220`)] : [];
  const consumers =
    hasSink && hasClientContainers ? [copyOf(template, consumersSite, `${subnet}.219`)] : [];
  const host = { name: 'clients', address: `${subnet}.1` };
  return {
    members,
    dcs,
    clients,
    proxies,
    sinks,
    consumers,
    layout: {
      nodes: members,
      dcs,
      sites: hasClientContainers ? [...clients, ...consumers] : [host],
      ...(hasSink && { sinks }),
      ...(proxyPlaces.length > 0 && { proxies: proxyPlaces }),
    },
  };
}

function copyOf(template: Service, name: string, address: string): Service {
  return { ...template, name, address };
}
