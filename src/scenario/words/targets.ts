import type { ClusterBackend } from '../../contracts/backend.ts';
import type { ClusterSpec, FaultStep, LoadSpec, Wait } from '../../contracts/scenario.ts';
import { suggestion } from '../../std/suggest.ts';

/** Each target word and its meaning; the nemesis resolves it at the moment of injection. */
export const targetWords = {
  leader: "the holder of Patroni's lock; without Patroni the one primary",
  replica: 'every replica',
  'any-replica': "one replica, drawn from the run's seed",
  'sync-standby': 'every replica that a COMMIT waits for',
  all: 'every node',
  'standby-cluster': 'every node of the standby cluster',
  minority: 'the largest set below half of the nodes, the leader among them',
  majority: 'every node outside the minority',
} as const;

/** Every machine of an HAProxy or a PgBouncer: no nodes, and a target of faults on packets alone. */
export const proxiesTarget = 'proxies';

/** Words that other tools use for them. */
const otherWords: Readonly<Record<string, keyof typeof targetWords>> = {
  primary: 'leader',
  master: 'leader',
  writer: 'leader',
  standby: 'replica',
  standbys: 'replica',
  replicas: 'replica',
  slave: 'replica',
  secondary: 'replica',
  follower: 'replica',
  sync: 'sync-standby',
  nodes: 'all',
  everyone: 'all',
  cluster: 'all',
  random: 'any-replica',
};

const reference = /^(?:not )?targets of (\S+)$/;

/** The id in `targets of cut`; undefined for any other target. */
export function targetsOf(target: string): string | undefined {
  return reference.exec(target)?.[1];
}

/** With the targets of the step that it names in place of `targets of cut`, however many steps that takes. */
export function meantTarget(
  target: string,
  steps: readonly Pick<FaultStep, 'id' | 'target'>[],
): string {
  const id = targetsOf(target);
  const index = steps.findIndex((step) => step.id === id);
  const step = steps[index];
  if (!step) return target;
  // Without that step: references may be circular.
  const meant = meantTarget(step.target, steps.toSpliced(index, 1));
  return target.startsWith('not ') ? `not ${meant}` : meant;
}

/** The part of a cluster's spec that decides which targets it can have. */
export interface ClusterShape extends Pick<ClusterSpec, 'nodes' | 'synchronous'> {
  /** Nodes of its standby cluster; absent: it has none. */
  readonly standby?: number;
  /** The names of its nodes; undefined if they are not known, so that any word may be one. */
  readonly names: readonly string[] | undefined;
  /** Of machines of HAProxy and PgBouncer that packet faults can meet. */
  readonly proxies: readonly string[];
  /** Of members of the DCS that faults can meet. */
  readonly dcs?: readonly string[];
}

export function shapeOf(
  cluster: ClusterSpec,
  backend: Pick<ClusterBackend, 'nodeNames' | 'proxyNames' | 'dcsNames'> | undefined,
  { routes = [] }: Pick<LoadSpec, 'routes'> = {},
): ClusterShape {
  const { nodes, synchronous, standby } = cluster;
  const proxies = backend?.proxyNames?.(cluster, routes) ?? [];
  const dcs = backend?.dcsNames?.(cluster) ?? [];
  const names = backend?.nodeNames(cluster);
  return {
    nodes,
    synchronous,
    ...(standby && { standby: standby.nodes }),
    names,
    proxies,
    dcs,
  };
}

/** Whether a target is no node but proxies: all of them, or one by its name. */
export function isOfProxies(target: string, { proxies }: Pick<ClusterShape, 'proxies'>): boolean {
  return target === proxiesTarget || proxies.includes(target);
}

/** Whether a target is meant to be one node, by its name. */
export function isNodeName(target: string): boolean {
  const isWord = Object.hasOwn(targetWords, target) || target === proxiesTarget;
  return !isWord && !target.startsWith('not ') && targetsOf(target) === undefined;
}

/** Why no node can ever match a target in such a cluster; undefined when one can. */
export function problemOfTarget(target: string, cluster: ClusterShape): string | undefined {
  // The planner checks whether that fault exists.
  if (targetsOf(target) !== undefined) return undefined;
  const isNegated = target.startsWith('not ');
  const word = (isNegated ? target.slice(4) : target).trim();
  const isWord = Object.hasOwn(targetWords, word);
  const { names } = cluster;
  if (isOfProxies(word, cluster)) return problemOfProxies(target, cluster);
  const isNode = !isWord && (names?.includes(word) ?? true);
  if (names && !isNode && !isWord) {
    if (isLikeOne(word, names)) return `there is no node '${word}'; nodes: ${names.join(', ')}`;
    return `unknown target '${word}'${hintFor(word, names, cluster)}`;
  }
  if (isNegated) return problemOfNegation(word, cluster, isNode);
  return problemOfWord(word, cluster);
}

function problemOfProxies(target: string, { proxies }: ClusterShape): string | undefined {
  if (target.startsWith('not ')) return `'${target}': proxies are no nodes; name the nodes instead`;
  return proxies.length > 0 ? undefined : 'this cluster has no proxies whose machines are known';
}

/** pg7 where there are pg1 to pg3. */
function isLikeOne(word: string, names: readonly string[]): boolean {
  const stem = (name: string) => name.replace(/\d+$/, '');
  return stem(word) !== word && names.some((name) => stem(name) === stem(word));
}

function hintFor(
  word: string,
  names: readonly string[],
  { proxies, standby }: ClusterShape,
): string {
  const meant = Object.hasOwn(otherWords, word.toLowerCase()) && otherWords[word.toLowerCase()];
  if (meant) return `; did you mean '${meant}', ${targetWords[meant]}?`;
  return suggestion(word, [
    ...Object.keys(targetWords).filter(
      (known) => known !== 'standby-cluster' || standby !== undefined,
    ),
    ...(proxies.length > 0 ? [proxiesTarget] : []),
    ...names,
    ...proxies,
  ]);
}

function problemOfNegation(
  word: string,
  cluster: ClusterShape,
  isNode: boolean,
): string | undefined {
  const isOnly = cluster.nodes === 1 && cluster.standby === undefined;
  const isAllNodes = word === 'all' || (isOnly && (isNode || word === 'leader'));
  if (isAllNodes) return `'not ${word}' matches no node in a cluster of ${cluster.nodes}`;
  return problemOfWord(word, cluster);
}

function problemOfWord(
  word: string,
  { nodes, synchronous, standby }: ClusterShape,
): string | undefined {
  if (word === 'standby-cluster' && standby === undefined) {
    return 'this cluster has no standby cluster: cluster: { standby: { nodes: 1 } }';
  }
  const isReplica = word === 'replica' || word === 'any-replica' || word === 'sync-standby';
  if (isReplica && nodes === 1) return `no node can be ${word} in a cluster of 1`;
  if (word === 'sync-standby' && synchronous === 'off') {
    return 'no node is sync-standby while cluster.synchronous is off';
  }
  const isSplit = word === 'minority' || word === 'majority';
  if (isSplit && nodes < 3) return `${nodes} nodes have no ${word}: that takes at least 3`;
  return undefined;
}

export function awaitedTarget(wait: Wait | undefined): string | undefined {
  return wait?.state.is === 'streaming' ? wait.state.target : undefined;
}
