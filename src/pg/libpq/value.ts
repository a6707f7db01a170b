import { ScenarioError } from '../../std/errors.ts';
import { suggestion } from '../../std/suggest.ts';

/** Errors: ScenarioError with the known values. */
export function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new ScenarioError(`${name}: unknown value${suggestion(value, known)}`);
}
