import type { Cluster, DcsControl, Machine } from '../../src/contracts/cluster.ts';
import { ClusterError, lacks } from '../../src/std/errors.ts';
import { largestMinority, smallestQuorum } from '../../src/std/units/quorum.ts';

/** How many, in the backend's order. */
export type DcsCount = 'quorum' | 'all' | 'minority' | number;

export function dcsOf({ dcs, id }: Pick<Cluster, 'dcs' | 'id'>): DcsControl {
  return dcs ?? lacks({ name: id }, 'DCS');
}

/** The targets' names; without targets, so many members. Errors: ClusterError when there are not so many. */
export function chosenMembers(
  targets: readonly Machine[],
  { members }: DcsControl,
  wanted: DcsCount,
): readonly string[] {
  if (targets.length > 0) return targets.map(({ name }) => name);
  return members.slice(0, countOf(wanted, members.length));
}

function countOf(wanted: DcsCount, size: number): number {
  if (wanted === 'all') return size;
  if (wanted === 'quorum') return smallestQuorum(size);
  const count = wanted === 'minority' ? largestMinority(size) : wanted;
  if (count >= 1 && count <= size) return count;
  throw new ClusterError(`the DCS has ${size} members: cannot take ${wanted} of them`);
}
