import type { Check, Evidence } from '../../contracts/evidence.ts';
import type { Json } from '../../contracts/json.ts';
import { comparison, compare, formatComparison, type Comparison } from '../../units.ts';

/** A check that compares one number of the result with what the scenario demands. */
export function countCheck(options: {
  readonly summary: string;
  /** What is counted, as it stands in a sentence: `acknowledged writes lost`. */
  readonly noun: string;
  readonly kind?: 'count' | 'duration' | 'percent';
  readonly byDefault?: Json;
  /** null: it could not be measured, so the verdict is unknown. */
  measure(evidence: Evidence): number | null;
}): Check<Comparison> {
  const kind = options.kind ?? 'count';
  return {
    summary: options.summary,
    params: comparison(kind),
    ...(options.byDefault !== undefined && { byDefault: options.byDefault }),
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
      const shown = kind === 'duration' ? `${Math.round(measured)} ms` : String(measured);
      return {
        status: compare(measured, demanded) ? 'pass' : 'fail',
        summary: `${options.noun}: ${shown} (demanded: ${demand})`,
        measured,
      };
    },
  };
}
