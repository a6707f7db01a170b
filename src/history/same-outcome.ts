import type { Result } from '../contracts/result.ts';
import { exactWrites } from '../std/units/lower-bound.ts';
import { lossSummaryOf } from '../std/units/loss-summary.ts';
import { lostWrites } from '../std/units/lost-writes.ts';

/**
 * Compares two runs of one plan by kind of outcome, not by numbers, since times differ. Returns one sentence per
 * difference; none means that the second run reproduced the first.
 */
export function outcomeDifferences(stored: Result, repeated: Result): readonly string[] {
  const then = new Map(classesOf(stored));
  const now = new Map(classesOf(repeated));
  return [...new Set([...then.keys(), ...now.keys()])].flatMap((name) => {
    const [before, after] = [then.get(name) ?? 'not asked', now.get(name) ?? 'not asked'];
    return before === after ? [] : [`${name}: was ${before}, is ${after}`];
  });
}

function classesOf(result: Result): (readonly [string, string])[] {
  const { status, checks, lossPattern, failovers } = result;
  const writes = exactWrites(result);
  const lost = lostWrites(writes);
  const causes = new Set(lossSummaryOf(result).places.map(({ cause }) => cause ?? 'unknown'));
  return [
    ['verdict', status],
    ...checks.map((check) => [`check ${check.check}`, check.status] as const),
    ['acknowledged writes lost', someOf(lost)],
    ['localOnly writes lost', someOf(writes.lostLocalOnly)],
    ['unexpected writes', someOf(writes.unexpected)],
    ['pattern of the loss', lossPattern.kind],
    ['causes of the loss', [...causes].sort().join(', ') || 'none'],
    ['failovers', failovers === null ? 'unknown' : String(failovers)],
  ];
}

function someOf(count: number | null): string {
  if (count === null) return 'unknown';
  return count > 0 ? 'some' : 'none';
}
