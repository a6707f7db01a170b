import type { Verdict } from '../../contracts/evidence.ts';
import { formatComparison, type Comparison } from '../../std/units/units.ts';
import { betweenBounds } from './between-bounds.ts';
import { shownBeside } from './shown-beside.ts';

/** Several numbers under one name, each with its own demand: `p99 12.5 ms (demanded: < 50ms)`. */
export function eachOf(
  name: string,
  demands: Readonly<Record<string, Comparison | undefined>>,
  {
    measure,
    isLeast = () => false,
    reason = null,
  }: {
    /** null: it could not be measured. */
    readonly measure: (key: string) => number | null;
    /** The true number may be larger. */
    readonly isLeast?: (key: string) => boolean;
    readonly reason?: string | null;
  },
): Verdict {
  const judged = Object.entries(demands).flatMap(([key, demanded]) =>
    demanded ? [{ key, ...one(key, measure(key), { demanded, isLeast: isLeast(key) }) }] : [],
  );
  const status = judged.some((each) => each.status === 'fail')
    ? 'fail'
    : judged.length === 0 || judged.some((each) => each.status === 'unknown')
      ? 'unknown'
      : 'pass';
  const isUnmeasured = judged.some(({ measured }) => measured === null);
  const why = isUnmeasured && reason !== null ? `: ${reason}` : '';
  const said = judged.map((each) => each.said).join('; ') || 'nothing is demanded';
  const measured = Object.fromEntries(judged.map((each) => [each.key, each.measured]));
  return { status, summary: `${name}: ${said}${why}`, measured };
}

function one(
  key: string,
  measured: number | null,
  { demanded, isLeast }: { readonly demanded: Comparison; readonly isLeast: boolean },
) {
  const asked = `(demanded: ${formatComparison(demanded)})`;
  if (measured === null) {
    return { status: 'unknown', said: `${key} could not be measured ${asked}`, measured };
  }
  const status = betweenBounds(demanded, measured, isLeast ? Infinity : measured);
  return {
    status,
    said: `${key} ${isLeast ? 'at least ' : ''}${shownBeside(demanded, measured)} ${asked}`,
    measured,
  };
}
