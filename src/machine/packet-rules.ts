import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Peer, Rule, Service, TcpConnection } from '../contracts/cluster.ts';
import { ScenarioError } from '../std/errors.ts';
import { type Layout, type Place, usualPorts } from './layout.ts';

export type IpVersion = 4 | 6;

// $1 is one of the tag's chains: it exists exactly while the tag is in force.
/** Shell: chain, rules and hooks of a tag (chainsOf, applyText) -> in force, in one atomic step. */
export const applyScript = `
  if iptables -w -S "$1" >/dev/null 2>&1; then hooks=; else hooks=$3; fi
  printf '%s\\n%s\\nCOMMIT\\n' "$2" "$hooks" | iptables-restore -w --noflush`;
/** Shell: chain and removal of a tag (chainsOf, clearText) -> gone; harmless if it was not there. */
export const clearScript = `
  iptables -w -S "$1" >/dev/null 2>&1 || exit 0
  printf '%s' "$2" | iptables-restore -w --noflush`;

/** Shell: chain of a tag (chainsOf) -> 'yes' if it exists and packets reach it. */
export const holdsScript = `
  rules=$(iptables -w -S) || exit 1
  case $rules in *"-A INPUT -j $1"*) echo yes ;; *) echo no ;; esac`;

export interface Chains {
  readonly in: string;
  readonly out: string;
}

/** The two chains of a tag. The kernel allows 28 characters, a tag may have more. */
export function chainsOf(tag: string): Chains {
  const hash = createHash('sha256').update(tag).digest('hex').slice(0, 12);
  return { in: `FP-${hash}-I`, out: `FP-${hash}-O` };
}

/**
 * One atomic step for iptables-restore --noflush: replaces the tag's chains.
 * Errors: ScenarioError when a rule names a peer that the lab does not have.
 */
export function applyText(layout: Layout, node: string, tag: string, rules: readonly Rule[]) {
  const chains = chainsOf(tag);
  return {
    body: [...newChains(chains), ...rulesText(layout, node, tag, rules)].join('\n'),
    /** Only the first time: the built-in chains lead to the tag's. */
    hooks: [`-A INPUT -j ${chains.in}`, `-A OUTPUT -j ${chains.out}`].join('\n'),
  };
}

/** Empties the chains, or makes them. */
export function newChains(chains: Chains): readonly string[] {
  return ['*filter', `:${chains.in} - [0:0]`, `:${chains.out} - [0:0]`];
}

/** The rules of a tag alone, one a line. `version`: only for addresses of this family. */
export function rulesText(
  layout: Layout,
  node: string,
  tag: string,
  rules: readonly Rule[],
  version: IpVersion = 4,
): readonly string[] {
  const chains = chainsOf(tag);
  return rules.flatMap((rule) =>
    matches({ layout, node, version }, rule).map(
      (match) => `-A ${chains[rule.direction]} ${match}`,
    ),
  );
}

/** One atomic step that removes the tag's chains. They must exist. */
export function clearText(tag: string): string {
  const chains = chainsOf(tag);
  return [
    ...newChains(chains),
    ...[`-D INPUT -j ${chains.in}`, `-D OUTPUT -j ${chains.out}`],
    ...[`-X ${chains.in}`, `-X ${chains.out}`],
    'COMMIT\n',
  ].join('\n');
}

/** Whether a connection of the node is one with this peer, of this service at either end. */
export function isWith(
  { remoteAddress, localPort, remotePort }: TcpConnection,
  { layout, node }: Pick<Where, 'layout' | 'node'>,
  { peer, service }: Pick<Rule, 'peer' | 'service'>,
): boolean {
  const version = isIPv6(remoteAddress) ? 6 : 4;
  return (peerPlaces(layout, node, peer) ?? [undefined]).some((place) => {
    if (place && !addressesOf(place, version).includes(remoteAddress)) return false;
    const rule = { direction: 'in', peer, service } as const;
    const ports = portsBetween({ layout, node }, rule, place);
    if (ports) return ports.to.includes(localPort) || ports.from.includes(remotePort);
    const hosted = peer.kind === 'node' ? dcsPortsAt(layout, place) : [];
    return !hosted.includes(localPort) && !hosted.includes(remotePort);
  });
}

interface Where {
  readonly layout: Layout;
  readonly node: string;
  readonly version: IpVersion;
}

/** Every address with every port, and the port on either end: replies and open connections are blocked too. */
function matches(where: Where, rule: Rule): readonly string[] {
  const { layout, node, version } = where;
  if (rule.connection) return matchOf(rule.connection, rule, version);
  const places = peerPlaces(layout, node, rule.peer) ?? [undefined];
  const side = rule.direction === 'in' ? '-s' : '-d';
  return places.flatMap((place) => {
    const addresses = place === undefined ? [''] : addressesOf(place, version);
    const hosted = dcsPortsAt(layout, place);
    const protocols = protocolsOf(rule, portsBetween(where, rule, place), hosted);
    return addresses.flatMap((address) =>
      protocols.map((protocol) =>
        [...(address === '' ? [] : [`${side} ${address}`]), ...protocol, ...verdict(rule)].join(
          ' ',
        ),
      ),
    );
  });
}

/** Both ends by address and port. */
function matchOf(
  { localPort, remoteAddress, remotePort }: TcpConnection,
  rule: Rule,
  version: IpVersion,
): readonly string[] {
  if (isIPv6(remoteAddress) !== (version === 6)) return [];
  const ends =
    rule.direction === 'in'
      ? `-s ${remoteAddress} ${tcpOf(rule)} --sport ${remotePort} --dport ${localPort}`
      : `-d ${remoteAddress} ${tcpOf(rule)} --sport ${localPort} --dport ${remotePort}`;
  return [[ends, ...verdict(rule)].join(' ')];
}

// A reset is TCP's, and an incoming one must not be answered with another: that would swallow it.
function tcpOf({ action }: Pick<Rule, 'action'>): string {
  return action === 'reject' ? '-p tcp ! --tcp-flags RST RST' : '-p tcp';
}

function addressesOf({ address, others = [] }: Place, version: IpVersion): readonly string[] {
  return [address, ...others].filter((one) => isIPv6(one) === (version === 6));
}

/** Ports of the DCS members that share the place's address; usually none. */
function dcsPortsAt({ dcs }: Layout, place: Place | undefined): readonly number[] {
  const member = dcs.find(({ name }) => name === place?.name);
  return member ? portsOf(member).dcs : [];
}

function portsOf({ servicePorts }: Place) {
  return servicePorts ?? usualPorts;
}

/** Ports of the rule's service, as alternatives for both ends of a connection. */
function portsBetween(
  { layout, node }: Pick<Where, 'layout' | 'node'>,
  { direction, peer, service }: Pick<Rule, 'direction' | 'peer' | 'service'>,
  place?: Place,
) {
  const wanted = peer.kind === 'dcs' && service === 'all' ? 'dcs' : service;
  if (peer.kind === 'dcs' && wanted !== 'dcs') {
    throw new ScenarioError(`the DCS has no service '${service}'; use dcs or all`);
  }
  if (wanted === 'all') return undefined;
  const own = [...layout.nodes, ...(layout.proxies ?? [])].find(({ name }) => name === node);
  const everywhere = wanted === 'dcs' ? layout.dcs : layout.nodes;
  const near = portsAt(own ? [own] : [], wanted);
  // Clients offer no service.
  const ends = peer.kind === 'clients' ? [] : place ? [place] : everywhere;
  const far = portsAt(ends, wanted);
  return direction === 'in' ? { to: near, from: far } : { to: far, from: near };
}

function portsAt(places: readonly Place[], service: Exclude<Service, 'all'>): readonly number[] {
  return [...new Set(places.flatMap((place) => portsOf(place)[service]))];
}

/** The traffic of an address that a rule means: `-p` and ports, one entry per alternative. */
function protocolsOf(
  { action, peer }: Pick<Rule, 'action' | 'peer'>,
  ports: { readonly to: readonly number[]; readonly from: readonly number[] } | undefined,
  hosted: readonly number[],
): readonly (readonly string[])[] {
  const tcp = tcpOf({ action });
  if (ports) {
    const all = [...new Set([...ports.to, ...ports.from])];
    return all.flatMap((port) => [
      ...(ports.to.includes(port) ? [[tcp, `--dport ${port}`]] : []),
      ...(ports.from.includes(port) ? [[tcp, `--sport ${port}`]] : []),
    ]);
  }
  // If the DCS shares a node's address, it represents machines of its own: a partition of the nodes leaves the DCS alone, as
  // it would with separate machines.
  if (peer.kind === 'node' && hosted.length > 0) {
    const others = [tcp, `-m multiport ! --ports ${hosted.join(',')}`];
    return action === 'reject' ? [others] : [['! -p tcp'], others];
  }
  return action === 'reject' ? [[tcp]] : [[]];
}

function verdict({ action, probability, minBytes }: Rule): readonly string[] {
  const size = minBytes === undefined ? [] : [`-m length --length ${minBytes}:65535`];
  const chance =
    probability === undefined
      ? []
      : [`-m statistic --mode random --probability ${probability.toFixed(6)}`];
  return [...size, ...chance, action === 'drop' ? '-j DROP' : '-j REJECT --reject-with tcp-reset'];
}

/** Undefined: every peer, whatever the address. */
function peerPlaces(layout: Layout, node: string, peer: Peer): readonly Place[] | undefined {
  switch (peer.kind) {
    case 'all':
      return undefined;
    case 'dcs':
      return layout.dcs.filter(({ name }) => name !== node);
    case 'node':
      return named(layout.nodes, peer.name, 'node');
    case 'proxies':
      if (layout.proxies?.length) return layout.proxies.filter(({ name }) => name !== node);
      throw new ScenarioError('this cluster has no proxies whose addresses are known');
    case 'clients':
      return peer.site === undefined ? layout.sites : named(layout.sites, peer.site, 'client site');
  }
}

function named(places: readonly Place[], name: string, what: string): readonly Place[] {
  const found = places.filter((place) => place.name === name);
  if (found.length > 0) return found;
  const known = places.map((place) => place.name).join(', ');
  throw new ScenarioError(`the lab has no ${what} ${name}; it has ${known}`);
}
