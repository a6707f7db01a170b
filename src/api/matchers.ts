import { lostWrites } from '../std/units/lost-writes.ts';
import type { Result } from '../contracts/result.ts';
import { parseDuration } from '../std/units/units.ts';
import { whatHappened, whyThisVerdict } from '../render/support/sentences.ts';

/** What a matcher is given: a run, or its result. */
export type Judged = Result | { readonly result: Result };

interface Answer {
  readonly pass: boolean;
  message(): string;
}

/**
 * Matchers for `expect.extend`, in Vitest and Jest. What could not be measured matches nothing, and its opposite neither:
 * `not.toHaveLostNothing()` on an unread primary fails as well.
 */
export const matchers = {
  /** Every acknowledged write, updates and deletes included, is on the final primary. */
  toHaveLostNothing(this: unknown, judged: Judged): Answer {
    const result = resultOf(judged);
    return answer(result, hasLost(result, 0), 'to have lost nothing');
  },

  /** Exactly so many acknowledged writes are gone. */
  toHaveLost(this: unknown, judged: Judged, count: number): Answer {
    const result = resultOf(judged);
    return answer(result, hasLost(result, count), `to have lost ${count}`);
  },

  /** No stretch of the load without an acknowledged write was longer: `10s`, `500ms`. */
  toHaveRecoveredWithin(this: unknown, judged: Judged, limit: string): Answer {
    const result = resultOf(judged);
    const { longestMs } = result.outage;
    const within = longestMs === null ? undefined : longestMs <= parseDuration(limit);
    return answer(result, within, `to have recovered within ${limit}`);
  },

  /** Everything the scenario demands was measured, and holds. */
  toHavePassed(this: unknown, judged: Judged): Answer {
    const result = resultOf(judged);
    return answer(
      result,
      result.status === 'unknown' ? undefined : result.status === 'pass',
      'to have passed',
    );
  },
};

function resultOf(judged: Judged): Result {
  return 'result' in judged ? judged.result : judged;
}

/** Undefined: nobody looked. */
function hasLost({ writes, status, problems }: Result, count: number): boolean | undefined {
  if (writes.lost === null || writes.acknowledged === 0) return undefined;
  if (status === 'unknown' && problems.length > 0) return undefined;
  return lostWrites(writes) === count;
}

function answer(result: Result, holds: boolean | undefined, what: string): Answer {
  const story = `${whatHappened(result)} ${whyThisVerdict(result)}\nRun it again: ${result.reproduce}`;
  if (holds === undefined) {
    // Thrown, so that `not` cannot turn ignorance into a pass.
    throw new Error(`expected ${result.scenario} ${what}, which was not measured: ${story}`);
  }
  const not = holds ? 'not ' : '';
  return { pass: holds, message: () => `expected ${result.scenario} ${not}${what}: ${story}` };
}
