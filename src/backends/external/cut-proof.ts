import type { Proof, Rule } from '../../contracts/cluster.ts';
import type { Shell } from '../../contracts/shell.ts';
import type { Layout, Place } from '../../machine/layout.ts';
import { type NetworkPath, type Reached, tryPaths } from '../../machine/try-paths.ts';

/** Where connections can be tried from: nodes with a shell, and the client site. */
export type Origins = ReadonlyMap<string, Shell>;

const site = 'clients';

/** Tries paths, all origins at the same time. A path from where nothing can be tried is `other`. */
export async function reachedBy(
  origins: Origins,
  paths: readonly NetworkPath[],
  waitSeconds: number,
): Promise<ReadonlyMap<string, Reached>> {
  const found = new Map<string, Reached>();
  await Promise.all(
    [...origins].map(async ([name, shell]) => {
      const own = paths.filter(({ from }) => from === name);
      const reached = await tryPaths({ name, shell }, own, waitSeconds).catch(() => undefined);
      own.forEach((path, index) => found.set(keyOf(path), reached?.[index] ?? 'other'));
    }),
  );
  return found;
}

/**
 * Every path between nodes, to the DCS, through proxies and from the clients: tried before any cut, to know which were open.
 * A node never connects to a proxy.
 */
export function allPaths(layout: Layout): readonly NetworkPath[] {
  const { nodes, proxies = [] } = layout;
  const entries = proxies.flatMap((proxy) => pathsTo(site, proxy, ['postgres']));
  const ofNodes = nodes.flatMap((node) => [
    ...nodes
      .filter(({ name }) => name !== node.name)
      .flatMap((peer) => pathsTo(node.name, peer, ['postgres', 'patroni'])),
    ...layout.dcs
      .filter(({ name }) => name !== node.name)
      .flatMap((member) => pathsTo(node.name, member, ['dcs'])),
    ...pathsTo(site, node, ['postgres', 'patroni']),
    ...proxies.flatMap(({ name }) => pathsTo(name, node, ['postgres', 'patroni'])),
  ]);
  return [...ofNodes, ...entries];
}

/** Of these, those that a node's rules cut. */
export function pathsCutBy(
  node: string,
  rules: readonly Rule[],
  { dcs, proxies = [] }: Pick<Layout, 'dcs' | 'proxies'>,
  all: readonly NetworkPath[],
): readonly NetworkPath[] {
  const isDcs = ({ to, port }: NetworkPath) =>
    dcs.some((member) => member.name === to && member.servicePorts?.dcs.includes(port) === true);
  const touches = (path: NetworkPath, { peer }: Rule) => {
    if (path.from !== node && path.to !== node) return false;
    const other = path.from === node ? path.to : path.from;
    if (peer.kind === 'all') return true;
    if (peer.kind === 'dcs') return isDcs(path);
    if (peer.kind === 'clients') return other === site;
    if (peer.kind === 'proxies') return proxies.some(({ name }) => name === other);
    return other === peer.name && !isDcs(path);
  };
  const isServed = (path: NetworkPath, { service, peer }: Rule) =>
    service === 'all' || peer.kind === 'dcs' || path.service === service;
  return all.filter((path) => rules.some((rule) => touches(path, rule) && isServed(path, rule)));
}

/** `before`: as it was without the cut. */
export function proofOf(
  paths: readonly NetworkPath[],
  before: ReadonlyMap<string, Reached>,
  now: ReadonlyMap<string, Reached>,
): Proof {
  const known = paths.filter((path) => before.get(keyOf(path)) === 'open');
  const tried = known.map((path) => `${shown(path)}: ${words[now.get(keyOf(path)) ?? 'other']}`);
  const still = known.filter((path) => now.get(keyOf(path)) === 'open');
  if (still.length > 0) {
    return { tried, doubt: `it is not in force: ${still.map(shown).join(', ')} is still open` };
  }
  const proven = known.filter((path) => isCut(now.get(keyOf(path))));
  // In each direction: silence where there was silence before proves nothing.
  const missing = [...new Set(paths.map(endsOf))].filter(
    (ends) => !proven.some((path) => endsOf(path) === ends),
  );
  if (missing.length === 0 && paths.length > 0) return { tried };
  const what = missing.length > 0 ? `no path ${missing.join(', ')}` : 'no path at all';
  return {
    tried,
    doubt: `it is not proven to be in force: ${what} was open before and is closed now`,
  };
}

function pathsTo(
  from: string,
  { name, address, servicePorts }: Place,
  services: readonly NetworkPath['service'][],
): readonly NetworkPath[] {
  return services.flatMap((service) => {
    const [port] = servicePorts?.[service] ?? [];
    return port === undefined ? [] : [{ from, to: name, service, host: address, port }];
  });
}

function isCut(reached: Reached | undefined): boolean {
  return reached === 'cut' || reached === 'refused';
}

const words: Readonly<Record<Reached, string>> = {
  open: 'open',
  refused: 'refused',
  cut: 'no answer',
  other: 'could not be tried',
};

export function keyOf({ from, host, port }: NetworkPath): string {
  return `${from} ${host} ${port}`;
}

function shown({ from, to, port }: NetworkPath): string {
  // A DCS member has no name but its address.
  return to.endsWith(`:${port}`) ? `${from} to ${to}` : `${from} to ${to}:${port}`;
}

function endsOf({ from, to }: NetworkPath): string {
  return `${from} to ${to}`;
}
