import type { Cluster, Topology } from '../../src/contracts/cluster.ts';
import { ClusterError, messageOf, NotCarriedOut, PatroniAnswer } from '../../src/std/errors.ts';
import { monotonicMs, sleepUntil } from '../../src/std/wait.ts';

/** A busy primary takes minutes for its shutdown checkpoint, and waits for replicas that still read its WAL. */
const promotionLimitMs = 180_000;
/** A candidate that restarts is refused until it is back. */
const refusedLimitMs = 30_000;
const everyMs = 250;
/** Consecutive polls that must show the old leader unchanged before Patroni's answer that it gave up counts. */
const pollsOfOldLeader = 8;

export interface Promotion {
  /** For messages: 'the switchover from pg1'. */
  readonly what: string;
  readonly from: string | undefined;
  readonly ask: () => Promise<string>;
  /** The first refusal counts. */
  readonly isRefusalExpected?: true | undefined;
}

interface Means {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
}

/**
 * Asks for a promotion and resolves when another node leads. 503 or no answer only means that Patroni's REST API stopped
 * waiting, not how the promotion ended, so the topology is watched; 412 means that it did not begin, so it is asked again.
 * Errors: NotCarriedOut if Patroni refused it for good, or gave it up and the old leader was seen to continue;
 * ClusterError if it is still open at the limit.
 */
export async function untilPromoted(
  promotion: Promotion,
  means: Means,
): Promise<{ readonly answer: string; readonly ledAfterMs?: number }> {
  const { what, ask, isRefusalExpected } = promotion;
  const startedMs = monotonicMs();
  for (;;) {
    try {
      return { answer: await ask() };
    } catch (error) {
      means.signal.throwIfAborted();
      if (!(error instanceof PatroniAnswer)) throw error;
      if (error.status === 0 || error.status >= 500) {
        await watch(promotion, error, means);
        return { answer: error.message, ledAfterMs: Math.round(monotonicMs() - startedMs) };
      }
      const isOver = isRefusalExpected === true || monotonicMs() - startedMs > refusedLimitMs;
      if (error.status !== 412 || isOver || !(await isAsBefore(promotion, means))) {
        throw new NotCarriedOut(`${what} was refused: ${error.message}`, { cause: error });
      }
      await sleepUntil(monotonicMs() + everyMs, means.signal);
    }
  }
}

async function watch(promotion: Promotion, answer: PatroniAnswer, means: Means): Promise<void> {
  const { what, from } = promotion;
  const { cluster, signal } = means;
  const untilMs = monotonicMs() + promotionLimitMs;
  const isGivenUp = / failed$/i.test(messageOf(answer));
  let unmoved = 0;
  let topology = await cluster.topology(signal);
  while (monotonicMs() < untilMs) {
    if (hasMoved(from, topology)) return;
    unmoved = isUnmoved(from, topology) ? unmoved + 1 : 0;
    if (isGivenUp && unmoved >= pollsOfOldLeader) {
      const seen = from === undefined ? 'there is still no leader' : `${from} still leads`;
      throw new NotCarriedOut(`Patroni gave up ${what}, and ${seen}: ${answer.message}`, {
        cause: answer,
      });
    }
    await sleepUntil(monotonicMs() + everyMs, signal);
    topology = await cluster.topology(signal);
  }
  const now = `leader: ${topology.leader ?? 'none'}, ${statesOf(topology)}`;
  const limit = `${promotionLimitMs / 1000} s`;
  throw new ClusterError(`${what} is still not done after ${limit} (${now}): ${answer.message}`, {
    cause: answer,
  });
}

/** Another node holds the lock and takes writes. */
function hasMoved(from: string | undefined, { leader, members }: Topology): boolean {
  if (leader === undefined || leader === from) return false;
  return members.some(({ node, role }) => node === leader && role === 'primary');
}

function isUnmoved(from: string | undefined, { leader, members }: Topology): boolean {
  if (leader !== from) return false;
  if (from === undefined) return true;
  return members.some(
    ({ node, role, state }) => node === from && role === 'primary' && state !== 'stopping',
  );
}

async function isAsBefore({ from }: Promotion, { cluster, signal }: Means): Promise<boolean> {
  return (await cluster.topology(signal)).leader === from;
}

function statesOf({ members }: Topology): string {
  return members.map(({ node, role, state }) => `${node} ${state ?? role}`).join(', ');
}
