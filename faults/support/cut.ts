import { z } from 'zod';
import type {
  FarEnd,
  Machine,
  Node,
  Peer,
  Proof,
  Rule,
  Service,
} from '../../src/contracts/cluster.ts';
import type { Fault, FaultContext } from '../../src/contracts/fault.ts';
import type { Json, SchemaIssue } from '../../src/contracts/json.ts';
import type { LoadSpec } from '../../src/contracts/scenario.ts';
import { ClusterError, lacks } from '../../src/std/errors.ts';
import { allDone } from '../../src/std/wait.ts';

/** The keys of every fault that acts on packets between its targets and others. */

const groups = ['all', 'peers', 'dcs', 'clients', 'proxies'] as const;
export const farEnds = `${groups.join(', ')}, a node's name such as pg2, or a list of these`;
export const sitePattern = /^clients@([a-z][a-z0-9-]*)$/;
const far = z.union([
  z.enum(groups),
  z.string().regex(sitePattern),
  z.string().regex(/^[a-z][a-z0-9-]*$/),
]);
export const services = ['all', 'postgres', 'patroni', 'dcs'] as const;

export const cutKeys = {
  /**
   * The other side. `all`: everything, including clients and other targets. `peers`: every node that is not a target.
   * `dcs`: the DCS, wherever it runs. `clients`: the load; `clients@minority`: one client site. `proxies`: HAProxy and
   * PgBouncer, if the load's routes have them. Or nodes by name.
   * Lists combine: `[peers, dcs]` leaves only the clients. Absent: all.
   */
  from: z
    .union([far, z.array(far).min(1)], { error: `must be ${farEnds}` })
    .optional()
    .describe(
      'The other side: all (if absent), peers, dcs, clients, clients@SITE, proxies, a node, a list.',
    ),
  /** Only traffic of this service, whichever end offers it. */
  service: z
    .enum(services)
    .default('all')
    .describe('Only traffic of this service, whichever end offers it.'),
  /** As seen from the target: what comes in, what goes out, or both. */
  direction: z
    .enum(['both', 'in', 'out'])
    .default('both')
    .describe('As seen from the target: what comes in, what goes out, or both.'),
};

export interface Cut {
  readonly from?: string | readonly string[] | undefined;
  readonly service: Service;
  readonly direction: 'both' | 'in' | 'out';
}

/** What happens to the packets of a cut. */
export type PacketEffect = Pick<Rule, 'action' | 'probability' | 'minBytes'>;

/** For `superRefine`: the DCS offers no service but its own. */
export function refineCut(
  { from, service }: Pick<Cut, 'from' | 'service'>,
  context: z.RefinementCtx,
): void {
  if (!listOf(from).includes('dcs') || ['all', 'dcs'].includes(service)) return;
  const message = 'must be all or dcs when from has dcs';
  context.addIssue({ code: 'custom', path: ['service'], message });
}

/** For `ends`: a service of the DCS is at its members alone. */
export function cutEnds({ from, service }: Pick<Cut, 'from' | 'service'>): readonly FarEnd[] {
  const words = listOf(from);
  return [
    ...(words.includes('dcs') || service === 'dcs' ? (['dcs'] as const) : []),
    ...(words.includes('proxies') ? (['proxies'] as const) : []),
    ...(words.some((word) => clientsOf(word) !== undefined) ? (['clients'] as const) : []),
  ];
}

export type RoutedLoad = Pick<LoadSpec, 'routes'>;
export const noProxies = "proxies: none of the load's routes has an HAProxy or a PgBouncer";

export function hasProxies({ routes = [] }: RoutedLoad): boolean {
  return routes.some(({ via }) => via === 'haproxy' || via === 'pgbouncer');
}

/** For `problems`: names of no node. */
export function cutProblems(
  { from }: Pick<Cut, 'from'>,
  nodeNames: readonly string[],
  load?: RoutedLoad,
): readonly SchemaIssue[] {
  const known: readonly string[] = [...groups, ...nodeNames];
  const words = listOf(from);
  if (nodeNames.length === 1 && words.every((word) => word === 'peers')) {
    return [{ path: ['from'], message: 'peers: a cluster of one node has none' }];
  }
  if (words.includes('proxies') && load && !hasProxies(load)) {
    return [{ path: ['from'], message: noProxies }];
  }
  return words
    .filter((word) => !known.includes(word) && !sitePattern.test(word))
    .map((word) => ({ path: ['from'], message: `'${word}' is not ${farEnds}` }));
}

/** What faults on packets between their targets and the rest have in common. */
export const onPackets = {
  targets: 'nodes',
  meetsProxies: () => true,
  effects: { servers: 'targets' },
  needs: () => ['network'],
  ends: cutEnds,
  problems: cutProblems,
} satisfies Partial<Fault<Pick<Cut, 'from' | 'service'>>>;

/** The same of those that set rules, which stay until they are cleared. */
export const byRules = {
  ...onPackets,
  prove: (_targets, _params, context) => proveRules(context),
  lapsed: (targets, _params, context) => rulesLapse(targets, context),
} satisfies Partial<Fault<Pick<Cut, 'from' | 'service'>>>;

/** Registers the undo and puts the rules in force, on all targets. Returns what events.jsonl should record. */
export async function injectCut(
  targets: readonly Machine[],
  { cut, effect }: { readonly cut: Cut; readonly effect: PacketEffect },
  context: FaultContext,
): Promise<Json> {
  const { nodes, proxies = [] } = context.cluster;
  const rules = targets.map((node) => rulesFor(node, { targets, nodes, proxies }, { cut, effect }));
  await applyRules(new Map(targets.map((node, index) => [node, rules[index] ?? []])), context);
  return {
    nodes: targets.map(({ name }) => name),
    rulesPerNode: rules.map(({ length }) => length),
  };
}

export async function applyRules(
  rules: ReadonlyMap<Machine, readonly Rule[]>,
  { cluster, undo, id }: FaultContext,
): Promise<void> {
  const all = [...rules].map(([node, own]) => {
    requireSites(own, cluster.sites);
    return { node, own, network: node.network ?? lacks(node, 'network') };
  });
  for (const { node } of all) undo({ do: 'clearRules', node: node.name, tag: id });
  // One atomic step per node: rules set one by one leave moments with only one direction cut.
  await allDone(all.map(({ network, own }) => network.apply(id, own)));
}

/** For `lapsed`: a reloaded firewall, for example. */
export async function rulesLapse(
  targets: readonly Machine[],
  { id }: Pick<FaultContext, 'id'>,
): Promise<string | undefined> {
  const found = await Promise.all(
    targets.map(async (node) => {
      const holds = await (node.network ?? lacks(node, 'network')).holds(id);
      return holds ? [] : [node.name];
    }),
  );
  const gone = found.flat();
  if (gone.length === 0) return undefined;
  return `its packet rules on ${gone.join(', ')} were removed from outside the run`;
}

/** For `prove`: tries what the rules of this injection cut, on every machine that has some. */
export async function proveRules({
  cluster,
  id,
}: Pick<FaultContext, 'cluster' | 'id'>): Promise<Proof | undefined> {
  const all = await Promise.all(
    [...cluster.nodes, ...(cluster.proxies ?? [])].map(
      async ({ network }) => await network?.prove?.(id),
    ),
  );
  const proofs = all.filter((proof) => proof !== undefined);
  if (proofs.length === 0) return undefined;
  const doubts = proofs.flatMap(({ doubt }) => doubt ?? []);
  const tried = proofs.flatMap((proof) => proof.tried);
  return { tried, ...(doubts.length > 0 && { doubt: doubts.join('; ') }) };
}

/** For both directions, or only the requested one. */
export function rulesAgainst(
  peers: readonly Peer[],
  { service, direction }: Pick<Cut, 'service' | 'direction'>,
  effect: PacketEffect,
): readonly Rule[] {
  const directions = direction === 'both' ? (['in', 'out'] as const) : [direction];
  return peers.flatMap((peer) =>
    directions.map((one): Rule => ({
      ...effect,
      direction: one,
      peer,
      // DCS members may share the nodes' addresses, so a cut from the DCS blocks its ports.
      service: peer.kind === 'dcs' ? 'dcs' : service,
    })),
  );
}

export function clientsOf(word: string): Peer | undefined {
  const site = sitePattern.exec(word)?.[1];
  if (site !== undefined) return { kind: 'clients', site };
  return word === 'clients' ? { kind: 'clients' } : undefined;
}

export interface Sides {
  readonly targets: readonly Machine[];
  readonly nodes: readonly Node[];
  readonly proxies: readonly Machine[];
}

function rulesFor(
  node: Machine,
  sides: Sides,
  { cut, effect }: { readonly cut: Cut; readonly effect: PacketEffect },
): readonly Rule[] {
  return rulesAgainst(endsOf(node, cut, sides), cut, effect);
}

/** The peers that `from` names. Errors: ClusterError where it names none but the node itself. */
export function endsOf(node: Machine, { from }: Pick<Cut, 'from'>, sides: Sides): readonly Peer[] {
  const ends = listOf(from).flatMap((word) => peersOf(word, node, sides));
  if (ends.length > 0) return ends;
  throw new ClusterError(`${node.name}: from names no peer but the node itself, so nothing to cut`);
}

function peersOf(word: string, node: Machine, { targets, nodes, proxies }: Sides): readonly Peer[] {
  const clients = clientsOf(word);
  if (clients) return [clients];
  if (word === 'proxies' && isOnly(node, proxies)) return [];
  if (word === 'all' || word === 'dcs' || word === 'proxies') return [{ kind: word }];
  if (word === 'peers') {
    const outside = nodes.filter((other) => !targets.includes(other));
    return outside.map(({ name }) => ({ kind: 'node', name }));
  }
  if (!nodes.some(({ name }) => name === word)) {
    throw new ClusterError(
      `unknown node '${word}'; nodes: ${nodes.map(({ name }) => name).join(', ')}`,
    );
  }
  return word === node.name ? [] : [{ kind: 'node', name: word }];
}

function isOnly(machine: Machine, machines: readonly Machine[]): boolean {
  return machines.length === 1 && machines[0]?.name === machine.name;
}

function requireSites(rules: readonly Rule[], sites: readonly { readonly name: string }[]): void {
  for (const { peer } of rules) {
    if (peer.kind !== 'clients' || peer.site === undefined) continue;
    if (sites.some(({ name }) => name === peer.site)) continue;
    const known = sites.map(({ name }) => name).join(', ') || 'none';
    throw new ClusterError(`unknown client site '${peer.site}'; client sites: ${known}`);
  }
}

function listOf(from: string | readonly string[] | undefined): readonly string[] {
  if (from === undefined) return ['all'];
  return typeof from === 'string' ? [from] : from;
}
