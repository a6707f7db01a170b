import { ImpossibleRecord } from '../evidence/journal/impossible-record.ts';
import { HarnessBug } from '../std/errors.ts';

/**
 * A run that is under way wrote its journals itself: what cannot be in one is no edited file, but our bug. Any other
 * error stays what it is.
 */
export function asOurs(error: unknown): unknown {
  if (!(error instanceof ImpossibleRecord)) return error;
  return new HarnessBug(`this run's own journal: ${error.what}`, { cause: error });
}
