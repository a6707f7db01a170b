import type { Ledger } from '../ledger/ledger.ts';

/**
 * How much of the load the journals tell. none: a load ran, and no journal of it can be read, so no count is known; some:
 * journals are missing or do not reach their end, so that every count is the least that it can be.
 */
export type Coverage = 'all' | 'some' | 'none';

export function coverageOf(ledger: Ledger): Coverage {
  const writers = ledger.writers().length;
  const missing = ledger.missingWriters();
  if (writers > 0 && missing === writers) return 'none';
  return missing > 0 || ledger.partialWriters() > 0 ? 'some' : 'all';
}
