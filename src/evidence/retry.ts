import { setTimeout as sleep } from 'node:timers/promises';
import { SqlError } from '../pg/connect.ts';

/** A read may come true on a second try: a broken connection, a server that starts or is overloaded, a
 * conflict with replay. Anything else, corruption above all, stays what it is. */
const transient = /^(08...|40001|40P01|53300|57P0[123]|58000)$/;

const attempts = 5;
const firstPauseMs = 100;
const longestPauseMs = 10_000;

export function isTransient(error: unknown): boolean {
  return error instanceof SqlError && (error.sqlState === '' || transient.test(error.sqlState));
}

/** Tries up to five times, with pauses that double from 100 ms to at most 10 s. Throws the last error. */
export async function withRetries<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      signal.throwIfAborted();
      if (attempt === attempts || !isTransient(error)) throw error;
      const pauseMs = Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs);
      await sleep(pauseMs, undefined, { signal });
    }
  }
}
