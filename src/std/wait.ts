import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterError, messageOf } from './errors.ts';
import { seconds } from './units/shown.ts';

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly everyMs?: number;
}

/** A long wait, reported every few seconds. */
export interface LongWait {
  readonly what: string;
  readonly waitedMs: number;
  /** Longest wait. */
  readonly timeoutMs: number;
  readonly lastSeen: string | undefined;
}

const longWaitMs = 5_000;
const listeners = new Set<(wait: LongWait) => void>();

/** Shows a person what is awaited. Global to the process: the waiting code may be far below the code that has the terminal. */
export function onLongWait(listener: (wait: LongWait) => void): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => listeners.delete(listener) };
}

/**
 * Polls until `probe` returns something other than undefined or false, and returns that.
 * Errors: ClusterError naming `what` and the last error of the probe, after timeoutMs; the signal's reason when aborted.
 */
export async function waitUntil<T>(
  what: string,
  probe: (signal: AbortSignal) => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions,
): Promise<T> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  let lastError: unknown;
  const startedMs = monotonicMs();
  let toldMs = startedMs;
  const { timeoutMs } = options;
  while (!signal.aborted) {
    try {
      const found = await probe(signal);
      if (found !== undefined && found !== false) return found;
      lastError = undefined;
    } catch (error) {
      // An error caused by the timeout itself explains nothing.
      if (!deadline.aborted) lastError = error;
    }
    if (monotonicMs() - toldMs >= longWaitMs) {
      toldMs = monotonicMs();
      const lastSeen = lastError === undefined ? undefined : messageOf(lastError);
      tell({ what, waitedMs: toldMs - startedMs, timeoutMs, lastSeen });
    }
    await sleep(options.everyMs ?? 50, undefined, { signal }).catch(() => undefined);
  }
  options.signal?.throwIfAborted();
  const because = lastError === undefined ? '' : `; last error: ${messageOf(lastError)}`;
  throw new ClusterError(`gave up after ${seconds(timeoutMs)} waiting until ${what}${because}`, {
    cause: lastError,
  });
}

export interface LongWorkOptions extends Pick<LongWait, 'what' | 'timeoutMs'> {
  readonly everyMs: number;
  /** Progress so far. */
  readonly lastSeen: () => Promise<string | undefined>;
}

/** Reports long work, like a wait, until it has ended. Returns the result of the work. */
export async function tellWhile<T>(work: Promise<T>, options: LongWorkOptions): Promise<T> {
  const { what, timeoutMs, everyMs, lastSeen } = options;
  const startedMs = monotonicMs();
  let hasEnded = false;
  const tellNow = async (): Promise<void> => {
    const seen = await lastSeen().catch(() => undefined);
    if (!hasEnded) tell({ what, waitedMs: monotonicMs() - startedMs, timeoutMs, lastSeen: seen });
  };
  const timer = setInterval(() => void tellNow(), everyMs);
  try {
    return await work;
  } finally {
    hasEnded = true;
    clearInterval(timer);
  }
}

function tell(wait: LongWait): void {
  for (const listener of listeners) listener(wait);
}

/** Milliseconds of CLOCK_MONOTONIC, the clock that all processes of a run on this host share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** Sleeps until a moment of `monotonicMs`; returns at once when it is past. Errors: the signal's reason when aborted. */
export async function sleepUntil(atMs: number, signal?: AbortSignal): Promise<void> {
  const restMs = atMs - monotonicMs();
  // Its only failure is the abort, which is thrown below with its reason.
  if (restMs > 0)
    await sleep(Math.ceil(restMs), undefined, signal && { signal }).catch(() => undefined);
  signal?.throwIfAborted();
}

/**
 * Waits for every task, then throws the first failure. Promise.all would return while others still run, and an
 * undo that follows could finish before the injection that it undoes.
 */
export async function allDone<T>(tasks: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(tasks);
  const failures = settled
    .filter((task) => task.status === 'rejected')
    .map(({ reason }): unknown => reason);
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures);
  return settled.map((task) => (task as PromiseFulfilledResult<T>).value);
}

/**
 * Waits until `work` has ended, whatever the others do meanwhile.
 * Errors: the error of `work` or the first error of the others; the signal's reason when aborted.
 */
export async function firstFailure(
  work: Promise<void>,
  others: readonly (Promise<void> | undefined)[],
  signal: AbortSignal,
): Promise<void> {
  const failed = Promise.withResolvers<never>();
  for (const other of others) other?.catch(failed.reject);
  const abort = (): void => failed.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([work, failed.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
