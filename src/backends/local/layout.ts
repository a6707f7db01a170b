import type { RouteSpec } from '../../contracts/route.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { servicePortsOf } from '../../routes/entry-port.ts';
import { proxiesOf } from '../../routes/proxies.ts';
import { type Layout, type Place, siteNames } from '../../machine/layout.ts';

/** Folder of everything of a lab, inside its own mount namespace: gone with it. */
export const labFolder = '/run/lab';

/** The harness's own address on the bridge. Packet rules never block it, so that the harness can always observe. */
export const observerAddress = '10.77.0.1';
export const network = '10.77.0.0/24';
/** Addresses .11 to .99; no test machine can hold more members. */
export const mostNodes = 89;

const dcsMembers = 3;
const sinkAddress = '10.77.0.220';
/** The machine of the consumers that write to the sink. */
export const consumersSite = 'consumers';
const consumersAddress = '10.77.0.219';
const firstProxy = 221;
/** Addresses .221 to .254. */
export const mostProxies = 34;

const nodePrefix = 'pg';
const firstNode = 11;

/** How many members of PostgreSQL, in the cluster that takes writes and in the one that follows it. */
export type NodeCounts = Pick<ClusterSpec, 'nodes' | 'standby'>;

/** As `layOut` names them. */
export function nodeNames(counts: NodeCounts): readonly string[] {
  return nodesOf(counts).map(({ name }) => name);
}

function nodesOf({ nodes, standby }: NodeCounts): readonly Place[] {
  const following = places('standby', standby?.nodes ?? 0, firstNode + nodes);
  return [
    ...places(nodePrefix, nodes, firstNode),
    ...following.map((place) => ({ ...place, isOfStandby: true as const })),
  ];
}

/** Every namespace of a lab: etcd members share the first three nodes'; a smaller cluster gets additional ones. */
export function layOut(
  counts: NodeCounts,
  routes: readonly RouteSpec[] = [],
  hasSink = false,
): Layout {
  const nodes = nodesOf(counts);
  const shared = nodes.filter(({ isOfStandby }) => !isOfStandby).slice(0, dcsMembers);
  const dcs = [...shared, ...places('dcs', dcsMembers - shared.length, 101)];
  const loadSites = siteNames.map((name, index) => ({ name, address: `10.77.0.${201 + index}` }));
  const consumers = { name: consumersSite, address: consumersAddress };
  const sites = hasSink ? [...loadSites, consumers] : loadSites;
  const proxies = proxiesOf(routes).map((proxy, index) => ({
    name: proxy.place,
    address: `10.77.0.${firstProxy + index}`,
    servicePorts: servicePortsOf(proxy),
  }));
  return {
    nodes,
    dcs,
    sites,
    ...(proxies.length > 0 && { proxies }),
    ...(hasSink && { sinks: [{ name: 'sink', address: sinkAddress }] }),
  };
}

/** Each namespace once. */
export function allPlaces(layout: Layout): readonly Place[] {
  const nodes = new Set(layout.nodes.map(({ name }) => name));
  const extra = layout.dcs.filter(({ name }) => !nodes.has(name));
  const { proxies = [], sinks = [] } = layout;
  return [...layout.nodes, ...extra, ...layout.sites, ...proxies, ...sinks];
}

function places(prefix: string, count: number, firstAddress: number): readonly Place[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${prefix}${index + 1}`,
    address: `10.77.0.${firstAddress + index}`,
  }));
}
