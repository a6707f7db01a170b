import { setTimeout as sleep } from 'node:timers/promises';
import type { RetrySpec } from '../contracts/scenario.ts';
import type { Judgement } from '../pg/outcome.ts';
import { sqlStateOf } from '../pg/sqlstates.ts';
import { seededRandom } from '../std/random.ts';

/** What decides of one client whether, and when, an operation is sent again. */
export interface Retrying {
  /** `attempt`: how many there were. */
  isWorthIt(answered: Judgement, attempt: number): boolean;
  /** False when the load is over first, or held: then `holding` is aborted. */
  pause(attempt: number, holding: AbortSignal): Promise<boolean>;
  /** Undefined when the load is over or held first. Errors: those of the work. */
  unlessOver<T>(work: () => Promise<T>, holding: AbortSignal): Promise<T | undefined>;
}

/** Undefined where its clients do not retry. */
export function retryingOf(
  spec: RetrySpec | undefined,
  about: { readonly seed: number; readonly writer: number; readonly over: AbortSignal },
): Retrying | undefined {
  if (!spec) return undefined;
  const { seed, writer, over } = about;
  const isOver = () => over.aborted;
  const random = seededRandom(seed, `retry ${writer}`);
  return {
    isWorthIt: ({ outcome, sqlState }, attempt) => {
      if (attempt >= spec.attempts || isOver() || !sqlStateOf(sqlState).isTransient) return false;
      return outcome === 'failed' || spec.indeterminate === 'retry';
    },
    pause: async (attempt, holding) => {
      const stop = AbortSignal.any([over, holding]);
      try {
        await sleep(pauseMs(spec, attempt, random()), undefined, { signal: stop });
      } catch (error) {
        if (!stop.aborted) throw error;
      }
      return !stop.aborted;
    },
    unlessOver: async (work, holding) => {
      const stop = AbortSignal.any([over, holding]);
      const isStopped = () => stop.aborted;
      if (isStopped()) return undefined;
      const ended = Promise.withResolvers<undefined>();
      const end = () => ended.resolve(undefined);
      stop.addEventListener('abort', end, { once: true });
      try {
        return await Promise.race([work(), ended.promise]);
      } catch (error) {
        if (!isStopped()) throw error;
        return undefined;
      } finally {
        stop.removeEventListener('abort', end);
      }
    },
  };
}

/** After so many attempts: twice as long each time, up to the longest; the upper half is random (0 to 1). */
export function pauseMs({ fromMs, toMs }: RetrySpec, attempt: number, random: number): number {
  const longestMs = Math.min(toMs, fromMs * 2 ** (attempt - 1));
  return (longestMs / 2) * (1 + random);
}
