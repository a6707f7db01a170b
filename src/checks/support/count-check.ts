import type { Check, Evidence } from '../../contracts/evidence.ts';
import type { Json } from '../../contracts/json.ts';
import { comparison, compare, formatComparison, type Comparison } from '../../std/units/units.ts';
import { grouped, seconds } from '../../std/units/shown.ts';

/** A check that compares one number of the result with what the scenario demands. */
export function countCheck(options: {
  readonly summary: string;
  /** The counted thing, for sentences: `acknowledged writes lost`. */
  readonly noun: string;
  readonly kind?: 'count' | 'duration' | 'percent';
  readonly byDefault?: Json;
  readonly isRecorded?: Check['isRecorded'];
  /** An example of a demand, if there is no default; default: `0`. */
  readonly example?: Json;
  /** null: it could not be measured, so the verdict is unknown. */
  measure(evidence: Evidence): number | null;
}): Check<Comparison> {
  const kind = options.kind ?? 'count';
  return {
    summary: options.summary,
    params: comparison(kind),
    example: options.example ?? '0',
    ...(options.byDefault !== undefined && { byDefault: options.byDefault }),
    ...(options.isRecorded && { isRecorded: options.isRecorded }),
    check(evidence, demanded) {
      const measured = options.measure(evidence);
      const demand = formatComparison(demanded);
      if (measured === null) {
        return {
          status: 'unknown',
          summary: `${options.noun}: could not be measured (demanded: ${demand})`,
          measured: null,
        };
      }
      const shown = shownBeside(demanded, measured);
      return {
        status: compare(measured, demanded) ? 'pass' : 'fail',
        summary: `${options.noun}: ${shown} (demanded: ${demand})`,
        measured,
      };
    },
  };
}

/** The format of every report, unless rounding would hide which side of the limit the value is on. */
function shownBeside(demanded: Comparison, measured: number): string {
  if (demanded.kind !== 'duration')
    return Number.isInteger(measured) ? grouped(measured) : String(measured);
  const limits = [demanded.value, ...('upTo' in demanded ? [demanded.upTo] : [])];
  const isClose = limits.some(
    (limit) => limit !== measured && seconds(limit) === seconds(measured),
  );
  return isClose ? `${Math.round(measured) / 1000} s` : seconds(measured);
}
