import type { Knee, KneeStep, Result } from '../../contracts/result.ts';
import { grouped, seconds } from './format.ts';

export const kneeHead = ['', 'offered/s', 'acknowledged/s', 'p99', 'slower', 'errors'] as const;

/** What became of each rate of a load `until: knee`; the first cell is its mark. */
export function kneeRows<T>(
  { throughput }: Pick<Result, 'throughput'>,
  mark: (isKept: boolean) => T,
): readonly (readonly (T | string)[])[] {
  return (throughput.knee?.steps ?? []).map((step) => [
    mark(step.isKept),
    ...[rate(step.perSecond), rate(step.ackedPerSecond), p99(step)],
    ...[`${step.slowPercent} %`, `${step.errorPercent} %`],
  ]);
}

/** What the limits were, for a note below the steps. */
export function kneeLimits({ limits }: Knee): string {
  const { p99Ms, errorPercent } = limits;
  return (
    `Kept: 99 % of the operations were acknowledged within ${milliseconds(p99Ms)} of the moment at which they were due, ` +
    `and at most ${errorPercent} % failed. "Slower" are those above, and those without an answer.`
  );
}

/** In one sentence: up to which rate, and what came then. */
export function kneeSentences({ throughput }: Pick<Result, 'throughput'>): readonly string[] {
  const { knee } = throughput;
  if (knee === undefined) return [];
  if (knee === null) return ['The knee could not be measured.'];
  const { perSecond, passedAt, limits, steps } = knee;
  const least = `p99 within ${milliseconds(limits.p99Ms)} and ${limits.errorPercent} % errors`;
  const kept =
    perSecond === 0
      ? `No rate kept ${least}`
      : `Up to ${rate(perSecond)} operations/s kept ${least}`;
  const passed = steps.find(({ isKept }) => !isKept);
  if (passedAt === null || !passed) return [`${kept}; no higher rate was tried.`];
  const why =
    passed.errorPercent > limits.errorPercent
      ? `${passed.errorPercent} % errors`
      : `p99 ${p99(passed)}`;
  return [`${kept}; ${rate(passedAt)}/s did not: ${why}.`];
}

function p99({ p99Ms, unanswered }: KneeStep): string {
  if (p99Ms !== null) return milliseconds(p99Ms);
  return `unknown, ${grouped(unanswered)} had no answer`;
}

function milliseconds(ms: number): string {
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : seconds(ms);
}

function rate(perSecond: number): string {
  return grouped(Math.round(perSecond));
}
