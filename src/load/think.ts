import { setTimeout as sleep } from 'node:timers/promises';
import type { ThinkTime } from '../contracts/scenario.ts';
import { seededRandom } from '../std/random.ts';

/**
 * Gives the pauses of one client, in milliseconds. The first is a random part of one: clients that begin together do not send
 * together.
 */
export function* pausesOf(
  { leastMs, mostMs }: ThinkTime,
  { seed, writer }: { readonly seed: number; readonly writer: number },
): Generator<number, never> {
  const random = seededRandom(seed, `think ${writer}`);
  const drawn = () => leastMs + random() * (mostMs - leastMs);
  yield drawn() * random();
  for (;;) yield drawn();
}

/** Undefined where its clients do not think. The end of the load ends a pause. */
export function thinkingOf(
  think: ThinkTime | undefined,
  {
    over,
    ...about
  }: { readonly seed: number; readonly writer: number; readonly over: AbortSignal },
): (() => Promise<void>) | undefined {
  if (!think) return undefined;
  const pauses = pausesOf(think, about);
  return async () => {
    try {
      await sleep(pauses.next().value, undefined, { signal: over });
    } catch (error) {
      if (!over.aborted) throw error;
    }
  };
}
