import type { Check } from '../../contracts/evidence.ts';
import type { Json } from '../../contracts/json.ts';
import type { Window } from '../../contracts/result.ts';
import type { Comparison, ComparisonKind } from '../../std/units/units.ts';
import { countCheck } from './count-check.ts';

/** A check of one number that is measured of the whole load and of each of its phases. */
export function windowCheck(options: {
  readonly summary: string;
  readonly noun: string;
  readonly kind: ComparisonKind;
  readonly example: Json;
  /** null: it could not be measured. */
  readonly of: (window: Window) => number | null;
}): Check<Comparison> {
  const { of, ...about } = options;
  return countCheck({
    ...about,
    measure: ({ result: { windows } }) => {
      const whole = windows?.find(({ phase }) => phase === null);
      return whole ? of(whole) : null;
    },
    measureWindow: of,
  });
}
