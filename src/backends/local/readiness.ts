import type { Cluster } from '../../contracts/cluster.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { ClusterError } from '../../std/errors.ts';
import { monotonicMs } from '../../std/wait.ts';
import { untilPatroniAnswers, untilStreaming } from '../../patroni/readiness.ts';
import type { PatroniMember } from '../../patroni/rest.ts';
import { nodeProcesses } from './processes.ts';
import type { LabRecord } from './record.ts';

const lookEveryMs = 250;
/** While a process changes its program it has no environment to be known by. */
const missesToEnd = 4;
/** A program that is just starting looks like one that has ended, on a busy machine for seconds. */
const startTimeoutMs = 10_000;

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
  const sinceMs = monotonicMs();
  /** Looks in a row that did not find it, of those where it has run. */
  const misses = new Map<string, number>();
  const timer = setInterval(() => {
    for (const node of nodes) {
      const runs = nodeProcesses(record, node).some(({ kind }) => kind === 'patroni');
      const missed = misses.get(node);
      if (runs) misses.set(node, 0);
      else if (missed !== undefined && missed + 1 < missesToEnd) misses.set(node, missed + 1);
      else if (missed !== undefined) hasEnded.abort(new ClusterError(`${node}: Patroni has ended`));
      else if (monotonicMs() - sinceMs > startTimeoutMs)
        hasEnded.abort(new ClusterError(`${node}: Patroni has not started, or ended at once`));
    }
  }, lookEveryMs);
  try {
    return await wait(AbortSignal.any([signal, hasEnded.signal]));
  } finally {
    clearInterval(timer);
  }
}
