import { z } from 'zod';
import type { FarEnd, Machine, Node, Peer, Rule } from '../../src/contracts/cluster.ts';
import type { FaultContext, LookContext } from '../../src/contracts/fault.ts';
import type { Json, SchemaIssue } from '../../src/contracts/json.ts';
import { ClusterError } from '../../src/std/errors.ts';
import {
  type Cut,
  type RoutedLoad,
  applyRules,
  clientsOf,
  hasProxies,
  noProxies,
  rulesAgainst,
  rulesLapse,
  sitePattern,
} from './cut.ts';

const words = "a node's name such as pg2, target, others, clients, clients@SITE, proxies, dcs";
const word = z.union([z.string().regex(sitePattern), z.string().regex(/^[a-z][a-z0-9-]*$/)]);

/**
 * Sides that do not reach each other. `halves`: two sides as even as possible, the targets together on one; the DCS is on
 * the larger side, or, if both are equal, on the one without the targets. `ring`: each target reaches only its two
 * neighbours; the DCS and clients reach all. Or the sides themselves, `[[target, clients], [others, dcs]]`: a node on no side
 * reaches all.
 */
export const splitKey = z
  .union([z.enum(['halves', 'ring']), z.array(z.array(word).min(1)).min(2)], {
    error: `must be halves, ring, or a list of sides such as [[target, clients], [others, dcs]]; a side has: ${words}`,
  })
  .optional()
  .describe('halves, ring, or the sides, [[target, clients], [others, dcs]]; in place of from.');
export type Split = NonNullable<z.infer<typeof splitKey>>;

const fewestForRing = 4;

/** For `problems`: values that make no sense for these nodes. */
export function splitProblems(
  split: Split,
  nodeNames: readonly string[],
  load?: RoutedLoad,
): readonly SchemaIssue[] {
  const issue = (message: string): SchemaIssue => ({ path: ['split'], message });
  if (split === 'ring') {
    if (nodeNames.length >= fewestForRing) return [];
    return [
      issue(`a ring of ${nodeNames.length} nodes cuts none off; use at least ${fewestForRing}`),
    ];
  }
  if (split === 'halves') {
    return nodeNames.length >= 2 ? [] : [issue('one node cannot be split')];
  }
  const all = split.flat();
  const known = ['target', 'others', 'dcs', 'clients', 'proxies', ...nodeNames];
  if (all.includes('proxies') && load && !hasProxies(load)) return [issue(noProxies)];
  const unknown = all.filter((name) => !known.includes(name) && !sitePattern.test(name));
  const twice = all.filter((name, index) => all.indexOf(name) !== index);
  const hasNodes = all.some((name) => [...nodeNames, 'target', 'others'].includes(name));
  return [
    ...unknown.map((name) => issue(`'${name}' is not ${words}`)),
    ...[...new Set(twice)].map((name) => issue(`${name} is on two sides`)),
    ...(hasNodes ? [] : [issue('no side has a node')]),
  ];
}

/** For `ends`. `halves` puts the DCS on one of the sides; a ring leaves it alone. */
export function splitEnds(split: Split, service: Cut['service']): readonly FarEnd[] {
  const hasDcs = split === 'halves' || (split !== 'ring' && split.flat().includes('dcs'));
  const cutsDcs = service === 'dcs' || (hasDcs && service === 'all');
  const hasProxies = typeof split !== 'string' && split.flat().includes('proxies');
  return [...(cutsDcs ? (['dcs'] as const) : []), ...(hasProxies ? (['proxies'] as const) : [])];
}

/** One side of a split: names of nodes, `dcs`, `clients`, `clients@SITE`, `proxies`. */
type Side = readonly string[];

/** Separates the sides. Returns the sides, the leader and its side, for events.jsonl. */
export async function injectSplit(
  targets: readonly Machine[],
  { split, service }: { readonly split: Split } & Pick<Cut, 'service'>,
  context: FaultContext,
): Promise<Json> {
  const { cluster, signal } = context;
  const { leader } = await cluster.topology(signal);
  const how = { service, direction: 'both' } as const;
  if (split === 'ring') {
    await applyRules(
      rulesOf(cluster.nodes, (node) => rulesAgainst(beyondNeighbours(node, targets), how, drop)),
      context,
    );
    return { ring: targets.map(({ name }) => name), leader: leader ?? null };
  }
  const sides = split === 'halves' ? halvesOf(targets, context) : named(split, targets, context);
  await applyRules(rulesBetween(sides, cluster.nodes, service), context);
  const leaderSide = sides.findIndex((side) => leader !== undefined && side.includes(leader));
  return {
    sides,
    leader: leader ?? null,
    leaderSide: leaderSide < 0 ? null : leaderSide + 1,
  };
}

const drop = { action: 'drop' } as const;

/** For `lapsed`: the rules are on the nodes of the sides, which need not be the targets. */
export function splitLapse(
  targets: readonly Machine[],
  { split, service }: { readonly split: Split } & Pick<Cut, 'service'>,
  context: LookContext,
): Promise<string | undefined> {
  const { nodes } = context.cluster;
  if (split === 'ring') return rulesLapse(targets, context);
  // Whichever side the seed chose for a node, another node is on the other side, so every node has rules.
  if (split === 'halves') return rulesLapse(nodes, context);
  const rules = rulesBetween(named(split, targets, context), nodes, service);
  return rulesLapse([...rules.keys()], context);
}

function rulesBetween(
  sides: readonly Side[],
  nodes: readonly Node[],
  service: Cut['service'],
): ReadonlyMap<Node, readonly Rule[]> {
  const cutsDcs = service === 'all' || service === 'dcs';
  return rulesOf(nodes, ({ name }) => {
    const far = sides.some((side) => side.includes(name))
      ? sides.filter((side) => !side.includes(name)).flat()
      : [];
    const peers = far.filter((end) => end !== 'dcs' || cutsDcs).map(peerOf);
    return rulesAgainst(peers, { service, direction: 'both' }, drop);
  });
}

/** Only nodes that have rules. */
function rulesOf(
  nodes: readonly Node[],
  rulesFor: (node: Node) => readonly Rule[],
): ReadonlyMap<Node, readonly Rule[]> {
  const all = nodes.map((node) => [node, rulesFor(node)] as const);
  return new Map(all.filter(([, rules]) => rules.length > 0));
}

function beyondNeighbours(node: Machine, ring: readonly Machine[]): readonly Peer[] {
  if (ring.length < fewestForRing) {
    throw new ClusterError(`a ring of ${ring.length} nodes cuts none off; use target: all`);
  }
  const at = ring.findIndex(({ name }) => name === node.name);
  if (at < 0) return [];
  const beside = [at, at + 1, at - 1].map((index) => (index + ring.length) % ring.length);
  return ring
    .filter((_, index) => !beside.includes(index))
    .map(({ name }) => ({ kind: 'node', name }));
}

/**
 * The targets, plus nodes drawn from the seed up to half of all nodes, against the rest. If every node is a target, the
 * seed alone decides.
 */
function halvesOf(targets: readonly Machine[], context: FaultContext): readonly Side[] {
  const names = context.cluster.nodes.map(({ name }) => name);
  const least = Math.floor(names.length / 2);
  if (least === 0) throw new ClusterError('one node cannot be split');
  const wanted = targets.length === names.length ? [] : targets.map(({ name }) => name);
  const others = shuffled(
    names.filter((name) => !wanted.includes(name)),
    () => context.random(),
  );
  const chosen = [...wanted, ...others.slice(0, Math.max(0, least - wanted.length))];
  const first = names.filter((name) => chosen.includes(name));
  const second = names.filter((name) => !chosen.includes(name));
  return first.length > second.length ? [[...first, 'dcs'], second] : [first, [...second, 'dcs']];
}

/** The author's sides, with `target` and `others` replaced by node names. */
function named(
  split: readonly (readonly string[])[],
  targets: readonly Machine[],
  { cluster }: Pick<LookContext, 'cluster'>,
): readonly Side[] {
  const names = cluster.nodes.map(({ name }) => name);
  const target = targets.map(({ name }) => name);
  const others = names.filter((name) => !target.includes(name));
  const sides = split.map((side) =>
    side.flatMap((one) => (one === 'target' ? target : one === 'others' ? others : [one])),
  );
  const all = sides.flat();
  const twice = all.find((name, index) => all.indexOf(name) !== index);
  if (twice !== undefined) throw new ClusterError(`${twice} is on two sides of the split`);
  const isKnown = (name: string) =>
    names.includes(name) || name === 'dcs' || name === 'proxies' || clientsOf(name) !== undefined;
  const unknown = all.find((name) => !isKnown(name));
  if (unknown !== undefined) {
    throw new ClusterError(`unknown node '${unknown}'; nodes: ${names.join(', ')}`);
  }
  if (sides.some(({ length }) => length === 0)) {
    throw new ClusterError('a side of the split is empty: every node is a target');
  }
  return sides;
}

function peerOf(word: string): Peer {
  if (word === 'dcs' || word === 'proxies') return { kind: word };
  return clientsOf(word) ?? { kind: 'node', name: word };
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const keyed = items.map((item) => [random(), item] as const);
  return keyed.toSorted(([a], [b]) => a - b).map(([, item]) => item);
}
