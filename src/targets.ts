import type { MemberState, Node, Topology } from './contracts/cluster.ts';
import { ClusterError } from './errors.ts';

/**
 * Which nodes a target word means now.
 * Errors: ClusterError when it means nobody, with what every node is instead: never an empty injection.
 */
export function resolveTargets(
  target: string,
  nodes: readonly Node[],
  topology: Topology,
  random: () => number,
): readonly Node[] {
  const names = namesOf(target, nodes, topology, random);
  const found = nodes.filter(({ name }) => names.includes(name));
  if (found.length === 0) {
    throw new ClusterError(`nobody is ${target} now: ${describe(topology)}`);
  }
  return found;
}

function namesOf(
  target: string,
  nodes: readonly Node[],
  topology: Topology,
  random: () => number,
): readonly string[] {
  const all = nodes.map(({ name }) => name);
  if (target.startsWith('not ')) {
    const excluded = resolveTargets(target.slice(4).trim(), nodes, topology, random);
    return all.filter((name) => !excluded.some((node) => node.name === name));
  }
  const replicas = topology.members.filter(({ role }) => role === 'replica').map(nodeOf);
  const leader = leaderOf(topology);
  const fewer = Math.floor((all.length - 1) / 2);
  switch (target) {
    case 'all':
      return all;
    case 'leader':
      return leader === undefined ? [] : [leader];
    case 'replica':
      return replicas;
    case 'any-replica':
      return replicas.slice(Math.floor(random() * replicas.length)).slice(0, 1);
    case 'sync-standby':
      return topology.syncStandbys;
    // The leader stands on the smaller side: the interesting half of every split.
    case 'minority':
      return [...(leader === undefined ? [] : [leader]), ...replicas].slice(0, Math.max(1, fewer));
    case 'majority': {
      const minority = namesOf('minority', nodes, topology, random);
      return all.filter((name) => !minority.includes(name));
    }
    default:
      return all.filter((name) => name === target);
  }
}

/** Patroni's word first; without Patroni (single) the one primary there is. */
function leaderOf(topology: Topology): string | undefined {
  if (topology.leader !== undefined) return topology.leader;
  const primaries = topology.members.filter(({ role }) => role === 'primary');
  return primaries.length === 1 ? primaries[0]?.node : undefined;
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
