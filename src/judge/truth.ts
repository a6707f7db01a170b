import type { NodeReading, ReadBack } from '../contracts/evidence.ts';

/** The reading by which everything is judged, or why there is none. */
export interface Truth {
  readonly reading: NodeReading | undefined;
  readonly problem: string | undefined;
}

/**
 * Only what a primary answered, on the timeline on which the cluster converged, while no other server called itself
 * primary: a server that was demoted in between, or a second history, would have losses invented.
 */
export function truthOf(readBack: ReadBack | undefined): Truth {
  if (!readBack) return without('no node was read back');
  const reading = readBack.nodes.find(({ node }) => node === readBack.primary);
  if (!reading) return without('there was no single primary to read');
  const problem = objectionTo(reading, readBack);
  return problem === undefined ? { reading, problem } : without(problem);
}

function without(problem: string): Truth {
  return { reading: undefined, problem };
}

function objectionTo(
  {
    node,
    status,
    reason,
    role,
    timeline,
    rows,
    partitions,
    tables = [{ rows, partitions }],
  }: NodeReading,
  { nodes, converged }: ReadBack,
): string | undefined {
  if (status !== 'read') return reason ?? 'the primary was not read';
  if (role !== 'primary') {
    return `${node} was the primary, and a ${role} when it was read: nothing is judged by that. Read it again with verify`;
  }
  const primaries = nodes.filter((each) => each.status === 'read' && each.role === 'primary');
  if (primaries.length > 1) {
    const names = primaries.map((each) => each.node).join(' and ');
    return `${names} called themselves primary when they were read: whose rows are the truth is unknown`;
  }
  if (converged.timeline !== undefined && converged.timeline !== timeline) {
    return `${node} was on timeline ${converged.timeline}, and on ${timeline ?? 'none that is known'} when it was read: the cluster had not come to rest`;
  }
  for (const table of tables) {
    const inPartitions = table.partitions.reduce((sum, partition) => sum + partition.rows, 0);
    if (table.partitions.length > 0 && inPartitions !== table.rows) {
      return `${node} counts ${table.rows} rows in the table and ${inPartitions} in its partitions: what the table does not show is not lost. ATTACH what is detached, and verify`;
    }
  }
  return undefined;
}
