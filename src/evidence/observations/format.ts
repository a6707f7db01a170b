import type { Json } from '../../contracts/json.ts';

/** One file per load worker: a head, then one observation per line, and last whether its share of the size was used up. */
export const observationsFolder = 'observations';

/** Of all workers together; they share it evenly. */
export const mostBytes = 32 * 1024 ** 2;
/** Of one value as JSON. */
export const mostValueCharacters = 1_000;
export const mostProblemCharacters = 300;
/** Of a line: these, escaped, and numbers. */
export const mostLineCharacters = 6_000;

/** One line as the worker writes it: times since the start of the load, as in journals. */
export interface ObservationLine {
  readonly reader: number;
  readonly read: string;
  readonly node: string | null;
  readonly sentUs: number;
  readonly answeredUs: number;
  readonly value?: Json;
  readonly problem?: string;
}
