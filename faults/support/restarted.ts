import type { Machine } from '../../src/contracts/cluster.ts';
import { ClusterError, messageOf, NotCarriedOut, PatroniAnswer } from '../../src/std/errors.ts';
import { waitUntil } from '../../src/std/wait.ts';

/** A shutdown checkpoint, crash recovery, and what Patroni does in between. */
const restartLimitMs = 180_000;

/**
 * Asks for a restart and resolves when the server has restarted. A failed answer (503 while it still starts, or none at all)
 * says nothing about the server, so the server is asked for its start time.
 * Errors: NotCarriedOut if the server was seen to run on without a restart; ClusterError if it does not answer at the limit.
 */
export async function untilRestarted(
  node: Machine,
  ask: () => Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  const before = await startedAt(node, signal).catch(() => undefined);
  try {
    return await ask();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PatroniAnswer)) throw error;
    const isMaybe = error.status === 0 || error.status >= 500;
    if (before === undefined || !isMaybe) throw error;
    await untilStartTimeChanged(node, before, { signal, error });
    return error.message;
  }
}

async function untilStartTimeChanged(
  node: Machine,
  before: string,
  { signal, error }: { readonly signal: AbortSignal; readonly error: PatroniAnswer },
): Promise<void> {
  let last: string | undefined;
  const hasRestarted = async () => {
    last = undefined;
    last = await startedAt(node, signal);
    return last !== undefined && last !== before;
  };
  const wait = { timeoutMs: restartLimitMs, everyMs: 250, signal };
  try {
    await waitUntil(`${node.name} has restarted`, hasRestarted, wait);
  } catch (failure) {
    signal.throwIfAborted();
    const why = `${messageOf(failure)}; ${error.message}`;
    if (last === before) throw new NotCarriedOut(`it still runs since ${before}: ${why}`);
    throw new ClusterError(why, { cause: failure });
  }
}

async function startedAt(node: Machine, signal: AbortSignal): Promise<string | undefined> {
  const text = 'SELECT pg_postmaster_start_time()::text AS at';
  const rows = await node.sql?.query(text, [], { signal });
  const at = rows?.[0]?.at;
  return typeof at === 'string' ? at : undefined;
}
