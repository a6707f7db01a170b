import { setTimeout as sleep } from 'node:timers/promises';
import { SqlError } from '../../pg/session.ts';

/** A retry may succeed after a broken connection, with a server that starts or is overloaded, after a conflict with
 * replay, a lock, or a session or statement that was ended by a user or a timeout. Any other error, above all
 * corruption, is final. */
const transient = /^(08...|25P0[34]|40001|40P01|53300|55P03|57014|57P0[1235]|58000)$/;

/** Five tries over 30 s: a server in crash recovery accepts no connections for about that long. */
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
