import type { Cluster } from '../../contracts/cluster.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { ClusterError } from '../../std/errors.ts';
import { untilPatroniAnswers, untilStreaming } from '../../patroni/readiness.ts';
import type { PatroniMember } from '../../patroni/rest.ts';
import { nodeProcesses } from './processes.ts';
import type { LabRecord } from './record.ts';

/** A program that is just starting looks like one that has ended; a second later the difference is clear. */
const lookEveryMs = 250;
const missesToEnd = 4;

/** Errors: ClusterError, soon after Patroni has ended on the node. */
export async function untilPatroniServes(
  record: LabRecord,
  member: PatroniMember,
  signal: AbortSignal,
): Promise<void> {
  await whilePatroniRuns(record, [member.node], signal, (sooner) =>
    untilPatroniAnswers(member, sooner),
  );
}

/**
 * Waits until every server has its role, and Patroni knows it.
 * Errors: ClusterError, soon after Patroni has ended on a node.
 */
export async function untilUp(
  record: LabRecord,
  cluster: Cluster,
  options: {
    readonly spec: ClusterSpec;
    readonly signal: AbortSignal;
    /** Default: all. */
    readonly nodes?: readonly string[];
  },
): Promise<void> {
  const { nodes = record.layout.nodes.map(({ name }) => name) } = options;
  const topology = async (signal: AbortSignal) => {
    const whole = await cluster.topology(signal);
    return { ...whole, members: whole.members.filter(({ node }) => nodes.includes(node)) };
  };
  await whilePatroniRuns(record, nodes, options.signal, (sooner) =>
    untilStreaming({ topology }, options.spec, sooner),
  );
}

/** Ends a wait that cannot succeed: Patroni has ended, and it is not restarted during the boot. */
async function whilePatroniRuns<T>(
  record: LabRecord,
  nodes: readonly string[],
  signal: AbortSignal,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const hasEnded = new AbortController();
  const lacksPatroni = (node: string) =>
    !nodeProcesses(record, node).some(({ kind }) => kind === 'patroni');
  let misses = 0;
  const timer = setInterval(() => {
    const node = nodes.find(lacksPatroni);
    misses = node === undefined ? 0 : misses + 1;
    if (misses >= missesToEnd) hasEnded.abort(new ClusterError(`${node}: Patroni has ended`));
  }, lookEveryMs);
  try {
    return await wait(AbortSignal.any([signal, hasEnded.signal]));
  } finally {
    clearInterval(timer);
  }
}
