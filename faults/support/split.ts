import { z } from 'zod';
import type { Node, Peer, Rule } from '../../src/contracts/cluster.ts';
import type { FaultContext, LookContext } from '../../src/contracts/fault.ts';
import type { Json, SchemaIssue } from '../../src/contracts/json.ts';
import { ClusterError } from '../../src/std/errors.ts';
import { type Cut, applyRules, clientsOf, rulesAgainst, rulesLapse, sitePattern } from './cut.ts';

const words = "a node's name such as pg2, target, others, clients, clients@SITE, dcs";
const word = z.union([z.string().regex(sitePattern), z.string().regex(/^[a-z][a-z0-9-]*$/)]);

/**
 * Sides that do not reach each other. `halves`: two sides as even as can be, the targets together on one; the DCS stays
 * with the larger, of two equal ones with the side without the targets. `ring`: of the targets each reaches only the
 * two beside it; the DCS and clients reach all. Or the sides themselves, `[[target, clients], [others, dcs]]`: whoever
 * stands on none reaches everybody.
 */
export const splitKey = z
  .union([z.enum(['halves', 'ring']), z.array(z.array(word).min(1)).min(2)], {
    error: `must be halves, ring, or a list of sides such as [[target, clients], [others, dcs]]; in a side: ${words}`,
  })
  .optional()
  .describe('halves, ring, or the sides, [[target, clients], [others, dcs]]; in place of from.');
export type Split = NonNullable<z.infer<typeof splitKey>>;

const fewestForRing = 4;

/** For `problems`: what makes no sense for nodes of these names. */
export function splitProblems(split: Split, nodeNames: readonly string[]): readonly SchemaIssue[] {
  const issue = (message: string): SchemaIssue => ({ path: ['split'], message });
  if (split === 'ring') {
    if (nodeNames.length >= fewestForRing) return [];
    return [
      issue(`a ring of ${nodeNames.length} cuts nobody off; it takes ${fewestForRing} nodes`),
    ];
  }
  if (split === 'halves') {
    return nodeNames.length >= 2 ? [] : [issue('one node cannot be split')];
  }
  const all = split.flat();
  const known = ['target', 'others', 'dcs', 'clients', ...nodeNames];
  const unknown = all.filter((name) => !known.includes(name) && !sitePattern.test(name));
  const twice = all.filter((name, index) => all.indexOf(name) !== index);
  const hasNodes = all.some((name) => [...nodeNames, 'target', 'others'].includes(name));
  return [
    ...unknown.map((name) => issue(`'${name}' is not ${words}`)),
    ...[...new Set(twice)].map((name) => issue(`${name} stands on two sides`)),
    ...(hasNodes ? [] : [issue('no node stands on any side')]),
  ];
}

/** Who stands together: names of nodes, `dcs`, client words. */
type Side = readonly string[];

/** Puts the sides apart. Returns them, who leads and where, for the journal. */
export async function injectSplit(
  targets: readonly Node[],
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

/** For `lapsed`: rules stand where the sides are, which need not be the targets. */
export function splitLapse(
  targets: readonly Node[],
  { split, service }: { readonly split: Split } & Pick<Cut, 'service'>,
  context: LookContext,
): Promise<string | undefined> {
  const { nodes } = context.cluster;
  if (split === 'ring') return rulesLapse(targets, context);
  // Whoever the seed put on which side, each node has another one opposite.
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

/** Only of nodes that have any. */
function rulesOf(
  nodes: readonly Node[],
  rulesFor: (node: Node) => readonly Rule[],
): ReadonlyMap<Node, readonly Rule[]> {
  const all = nodes.map((node) => [node, rulesFor(node)] as const);
  return new Map(all.filter(([, rules]) => rules.length > 0));
}

function beyondNeighbours(node: Node, ring: readonly Node[]): readonly Peer[] {
  if (ring.length < fewestForRing) {
    throw new ClusterError(`a ring of ${ring.length} cuts nobody off: target: all`);
  }
  const at = ring.indexOf(node);
  if (at < 0) return [];
  const beside = [at, at + 1, at - 1].map((index) => (index + ring.length) % ring.length);
  return ring
    .filter((_, index) => !beside.includes(index))
    .map(({ name }) => ({ kind: 'node', name }));
}

/** The targets, filled up by lot to half of the nodes, and the rest. Of everybody as target the lot decides alone. */
function halvesOf(targets: readonly Node[], context: FaultContext): readonly Side[] {
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

/** The author's sides, with `target` and `others` replaced by those who are. */
function named(
  split: readonly (readonly string[])[],
  targets: readonly Node[],
  { cluster }: LookContext,
): readonly Side[] {
  const names = cluster.nodes.map(({ name }) => name);
  const target = targets.map(({ name }) => name);
  const others = names.filter((name) => !target.includes(name));
  const sides = split.map((side) =>
    side.flatMap((one) => (one === 'target' ? target : one === 'others' ? others : [one])),
  );
  const all = sides.flat();
  const twice = all.find((name, index) => all.indexOf(name) !== index);
  if (twice !== undefined) throw new ClusterError(`${twice} stands on two sides of the split`);
  const isKnown = (name: string) =>
    names.includes(name) || name === 'dcs' || clientsOf(name) !== undefined;
  const unknown = all.find((name) => !isKnown(name));
  if (unknown !== undefined) {
    throw new ClusterError(`no node is called ${unknown}: ${names.join(', ')}`);
  }
  if (sides.some(({ length }) => length === 0)) {
    throw new ClusterError('a side of the split has nobody on it: every node is a target');
  }
  return sides;
}

function peerOf(word: string): Peer {
  if (word === 'dcs') return { kind: 'dcs' };
  return clientsOf(word) ?? { kind: 'node', name: word };
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const keyed = items.map((item) => [random(), item] as const);
  return keyed.toSorted(([a], [b]) => a - b).map(([, item]) => item);
}
