import type { Machine, MemberState, Node, Topology } from '../contracts/cluster.ts';
import { ClusterError } from '../std/errors.ts';
import { leaderOf } from '../std/units/leadership.ts';

export interface TargetContext {
  readonly nodes: readonly (Machine & Pick<Node, 'isOfStandby'>)[];
  /** Machines of HAProxy and PgBouncer, which only their names and `proxies` match. */
  readonly proxies?: readonly Machine[];
  readonly topology: Topology;
  readonly random: () => number;
  /** Resolved targets of an earlier injection; undefined before it has begun. */
  readonly targetsOf?: (id: string) => readonly string[] | undefined;
}

/**
 * Resolves a target word to nodes, or to machines of proxies.
 * Errors: ClusterError when it matches no node, with the state of every node: an injection is never empty.
 */
export function resolveTargets(target: string, context: TargetContext): readonly Machine[] {
  const { nodes, proxies = [], topology } = context;
  const names = namesOf(target, context);
  const found = [...nodes, ...proxies].filter(({ name }) => names.includes(name));
  if (found.length === 0) {
    throw new ClusterError(`no node is ${target} now: ${describe(topology)}`);
  }
  return found;
}

function namesOf(target: string, context: TargetContext): readonly string[] {
  const { nodes, proxies = [], topology, random } = context;
  const all = nodes.map(({ name }) => name);
  if (target.startsWith('not ')) {
    const excluded = resolveTargets(target.slice(4).trim(), context);
    return all.filter((name) => !excluded.some((node) => node.name === name));
  }
  if (target.startsWith('targets of ')) return ofEarlier(target.slice(11).trim(), context);
  const leader = leaderOf(topology);
  const standby = nodes.filter(({ isOfStandby }) => isOfStandby).map(({ name }) => name);
  // Replicas are those of the leader's own cluster.
  const isLeadersOwn = (name: string) =>
    standby.includes(name) === (leader !== undefined && standby.includes(leader));
  const replicas = topology.members
    .filter(({ node, role }) => role === 'replica' && isLeadersOwn(node))
    .map(nodeOf);
  const own = all.filter(isLeadersOwn);
  const fewer = Math.floor((own.length - 1) / 2);
  switch (target) {
    case 'all':
      return all;
    case 'proxies':
      return proxies.map(({ name }) => name);
    case 'leader':
      return leader === undefined ? [] : [leader];
    case 'replica':
      return replicas;
    case 'any-replica':
      return replicas.slice(Math.floor(random() * replicas.length)).slice(0, 1);
    case 'sync-standby':
      return topology.syncStandbys;
    // The leader is on the smaller side: the interesting half of every network partition.
    case 'minority':
      return [...(leader === undefined ? [] : [leader]), ...replicas].slice(0, Math.max(1, fewer));
    case 'majority': {
      const minority = namesOf('minority', context);
      return own.filter((name) => !minority.includes(name));
    }
    case 'standby-cluster':
      return standby;
    default:
      return [target];
  }
}

function ofEarlier(id: string, { targetsOf }: TargetContext): readonly string[] {
  const names = targetsOf?.(id);
  if (names) return names;
  throw new ClusterError(`${id} has not been injected yet, so it has no targets`);
}

function nodeOf(member: MemberState): string {
  return member.node;
}

function describe(topology: Topology): string {
  const members = topology.members.map(({ node, role, state }) =>
    state === undefined ? `${node} ${role}` : `${node} ${role} (${state})`,
  );
  return [`leader ${topology.leader ?? 'none'}`, ...members].join(', ');
}
