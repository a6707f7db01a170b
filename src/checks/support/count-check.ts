import type { Check, Evidence, Verdict } from '../../contracts/evidence.ts';
import type { Json } from '../../contracts/json.ts';
import type { Window } from '../../contracts/result.ts';
import {
  comparison,
  compare,
  formatComparison,
  type Comparison,
  type ComparisonKind,
} from '../../std/units/units.ts';
import { shownBeside } from './shown-beside.ts';

/** A check that compares one number of the result with what the scenario demands. */
export function countCheck(options: {
  readonly summary: string;
  /** The counted thing, for sentences: `acknowledged writes lost`. */
  readonly noun: string;
  readonly kind?: ComparisonKind;
  readonly byDefault?: Json;
  readonly isRecorded?: Check['isRecorded'];
  readonly isOfDownstream?: true;
  /** An example of a demand, if there is no default; default: `0`. */
  readonly example?: Json;
  /** null: it could not be measured, so the verdict is unknown. */
  measure(evidence: Evidence): number | null;
  /** The same in one phase of the load. Absent: no phase can demand it. */
  readonly measureWindow?: (window: Window) => number | null;
}): Check<Comparison> {
  const {
    summary,
    noun,
    kind = 'count',
    byDefault,
    isRecorded,
    isOfDownstream,
    measureWindow,
  } = options;
  return {
    summary,
    params: comparison(kind),
    example: options.example ?? '0',
    ...(byDefault !== undefined && { byDefault }),
    ...(isRecorded && { isRecorded }),
    ...(isOfDownstream && { isOfDownstream }),
    check: (evidence, demanded) => verdictOf(noun, options.measure(evidence), { demanded }),
    ...(measureWindow && {
      checkWindow: (window: Window, demanded: Comparison) => {
        return verdictOf(noun, measureWindow(window), { demanded, reason: window.reason });
      },
    }),
  };
}

function verdictOf(
  noun: string,
  measured: number | null,
  { demanded, reason = null }: { readonly demanded: Comparison; readonly reason?: string | null },
): Verdict {
  const demand = formatComparison(demanded);
  if (measured === null) {
    const why = reason === null ? '' : `: ${reason}`;
    const summary = `${noun}: could not be measured${why} (demanded: ${demand})`;
    return { status: 'unknown', summary, measured: null };
  }
  return {
    status: compare(measured, demanded) ? 'pass' : 'fail',
    summary: `${noun}: ${shownBeside(demanded, measured)} (demanded: ${demand})`,
    measured,
  };
}
