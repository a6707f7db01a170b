import path from 'node:path';
import { lostWrites } from '../std/units/lost-writes.ts';
import type { Result } from '../contracts/result.ts';
import { shellQuoted } from '../std/shell-quoted.ts';
import { parseDuration } from '../std/units/units.ts';
import { whatHappened, whyThisVerdict } from '../render/support/sentences.ts';

/** What a matcher is given: a run, or its result. */
export type Judged = Result | { readonly result: Result; readonly directory?: string };

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
    return answer(judged, hasLost(result, 0), 'to have lost nothing');
  },

  /** Exactly so many acknowledged writes are gone. */
  toHaveLost(this: unknown, judged: Judged, count: number): Answer {
    const result = resultOf(judged);
    return answer(judged, hasLost(result, count), `to have lost ${count}`);
  },

  /** No stretch of the load without an acknowledged write was longer: `10s`, `500ms`. */
  toHaveRecoveredWithin(this: unknown, judged: Judged, limit: string): Answer {
    const result = resultOf(judged);
    const { longestMs } = result.outage;
    const within = longestMs === null ? undefined : longestMs <= parseDuration(limit);
    return answer(judged, within, `to have recovered within ${limit}`);
  },

  /** Everything the scenario demands was measured, and holds. */
  toHavePassed(this: unknown, judged: Judged): Answer {
    const result = resultOf(judged);
    return answer(
      judged,
      result.status === 'unknown' ? undefined : result.status === 'pass',
      'to have passed',
    );
  },
};

function resultOf(judged: Judged): Result {
  return 'result' in judged ? judged.result : judged;
}

/** Undefined: not measured. */
function hasLost({ writes, status, problems }: Result, count: number): boolean | undefined {
  if (writes.lost === null || writes.acknowledged === 0) return undefined;
  if (status === 'unknown' && problems.length > 0) return undefined;
  return lostWrites(writes) === count;
}

function answer(judged: Judged, holds: boolean | undefined, what: string): Answer {
  const result = resultOf(judged);
  const story = `${whatHappened(result)} ${whyThisVerdict(result)}\n${whereToLook(judged)}`;
  if (holds === undefined) {
    // Thrown, so that `not` cannot turn ignorance into a pass.
    throw new Error(`expected ${result.scenario} ${what}, which was not measured: ${story}`);
  }
  const not = holds ? 'not ' : '';
  return { pass: holds, message: () => `expected ${result.scenario} ${not}${what}: ${story}` };
}

/** The stored run repeats itself, wherever the scenario came from; one without a folder by what started it. */
function whereToLook(judged: Judged): string {
  const { folder, reproduce } = resultOf(judged);
  const directory =
    'result' in judged && judged.directory ? path.resolve(judged.directory) : folder;
  if (directory === null) return `Run it again: ${reproduce}`;
  return `Report: ${path.join(directory, 'report.html')}\nRun it again: npx forkpoint replay ${shellQuoted(directory)}`;
}
