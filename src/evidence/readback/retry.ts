import { setTimeout as sleep } from 'node:timers/promises';
import { SqlError } from '../../pg/connect.ts';

/** A read may come true on a second try: a broken connection, a server that starts or is overloaded, a conflict with
 * replay, a lock that somebody holds, a session or a statement that somebody or a timeout ends. Anything else,
 * corruption above all, stays what it is. */
const transient = /^(08...|25P0[34]|40001|40P01|53300|55P03|57014|57P0[1235]|58000)$/;

/** Five tries over 30 s: a server that recovers from a crash takes no connections for so long, and then it does. */
const pausesMs = [100, 2_400, 9_000, 18_500];

export function isTransient(error: unknown): boolean {
  return error instanceof SqlError && (error.sqlState === '' || transient.test(error.sqlState));
}

/** Tries up to five times within half a minute and as long as the tries take. Throws the last error. */
export async function withRetries<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await read();
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error)) throw error;
      await sleep(pauseMs, undefined, { signal });
    }
  }
  return read();
}
