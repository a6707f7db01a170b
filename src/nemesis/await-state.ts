import type { FaultStep, Wait } from '../contracts/scenario.ts';
import { ClusterError, lacks, messageOf } from '../std/errors.ts';
import { resolveTargets, type TargetContext } from './resolve-targets.ts';
import { formatState } from '../std/units/units.ts';
import { seconds } from '../std/units/shown.ts';
import { newestPrimaryOf } from '../std/units/leadership.ts';
import { withoutPageHeader } from '../std/units/lsn.ts';
import { monotonicMs, waitUntil } from '../std/wait.ts';
import type { NemesisOptions } from './options.ts';
import { obstacleTo, type Moment } from './awaited-state.ts';

const everyMs = 50;

export interface AwaitStateOptions {
  readonly step: FaultStep;
  readonly which: 'when' | 'until';
  readonly since: Moment;
  readonly signal: AbortSignal;
  readonly targetsOf: NonNullable<TargetContext['targetsOf']>;
}

/** The state now. Errors: those of the cluster's topology. */
export async function momentOf(options: NemesisOptions, signal: AbortSignal): Promise<Moment> {
  const topology = await options.cluster.topology(signal);
  return { atMs: monotonicMs(), topology, acknowledged: options.load.acknowledged };
}

/**
 * Resolves when the cluster and the load are in the awaited state.
 * Errors: ClusterError after the wait's limit, with what was still missing.
 */
export async function awaitState(
  wait: Wait,
  options: NemesisOptions,
  { step, which, since, signal, targetsOf }: AwaitStateOptions,
): Promise<void> {
  const { state, limitMs } = wait;
  options.emit({ type: 'wait', id: step.id, wait: which, state: formatState(state) });
  if (state.is === 'delivered') {
    await untilDelivered(options, { step, limitMs, signal });
    options.emit({ type: 'waited', id: step.id, wait: which });
    return;
  }
  let lsn: string | undefined;
  let obstacle = 'no topology read yet';
  const isSo = async (within: AbortSignal): Promise<boolean> => {
    const now = await momentOf(options, within);
    const head = newestPrimaryOf(now.topology)?.lsn;
    lsn ??= head && withoutPageHeader(head);
    const nodes = namesOf(wait, { now, targetsOf, options });
    obstacle = obstacleTo(state, { since, now, lsn, nodes }) ?? '';
    return obstacle === '';
  };
  try {
    await waitUntil(formatState(state), isSo, { timeoutMs: limitMs, signal, everyMs });
  } catch (error) {
    signal.throwIfAborted();
    const asked = error instanceof Error && error.cause !== undefined;
    const because = asked ? messageOf(error.cause) : obstacle;
    const what = `${step.id}: gave up after ${seconds(limitMs)} waiting for: ${formatState(state)}: ${because}`;
    throw new ClusterError(what, { cause: error });
  }
  options.emit({ type: 'waited', id: step.id, wait: which });
}

/** What consumers have delivered is no topology: they are asked themselves. */
async function untilDelivered(
  { cluster, consumers }: NemesisOptions,
  {
    step,
    limitMs,
    signal,
  }: Pick<AwaitStateOptions, 'step' | 'signal'> & { readonly limitMs: number },
): Promise<void> {
  try {
    await (consumers ?? lacks({ name: cluster.id }, 'consumers')).untilDelivered(limitMs, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new ClusterError(`${step.id}: ${messageOf(cause)}`, { cause });
  }
}

function namesOf(
  { state }: Wait,
  {
    now,
    targetsOf,
    options,
  }: {
    readonly now: Moment;
    readonly targetsOf: AwaitStateOptions['targetsOf'];
    readonly options: NemesisOptions;
  },
): readonly string[] {
  if (state.is !== 'streaming') return [];
  const { nodes } = options.cluster;
  // For any-replica the first one is used: it must be the same in every poll.
  const context = { nodes, topology: now.topology, random: () => 0, targetsOf };
  return resolveTargets(state.target, context).map(({ name }) => name);
}
