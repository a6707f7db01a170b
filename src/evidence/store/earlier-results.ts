import type { CheckResult, Result } from '../../contracts/result.ts';
import { demandedCount, isInterruption, overridesIn } from './earlier-words.ts';

type Absent = 'overrides' | 'isInterrupted' | 'notes';

/** What any version may have stored. */
export type StoredResult = Omit<Result, Absent | 'checks'> &
  Partial<Pick<Result, Absent>> & { readonly checks: readonly StoredCheck[] };
type StoredCheck = Omit<CheckResult, 'demand'> & Partial<Pick<CheckResult, 'demand'>>;

const addedLater = [
  ...(['rejoins', 'staleHolders', 'durability', 'timeline', 'plan', 'folder'] as const),
  ...(['replayOf', 'configuration', 'knownDefect'] as const),
] as const;

/**
 * A result of an earlier version as this version would have written it: fields for what that version had only in words,
 * null for what it did not measure.
 */
export function resultAsWrittenNow(stored: StoredResult): Result {
  const absent = addedLater.filter((key) => !(key in stored));
  return {
    ...stored,
    ...Object.fromEntries(absent.map((key) => [key, null])),
    overrides: stored.overrides ?? overridesIn(stored.reproduce),
    notes: stored.notes ?? [],
    isInterrupted: stored.isInterrupted ?? stored.problems.some(isInterruption),
    checks: stored.checks.map(withDemand),
  };
}

/** Only the demand on lost writes is needed of a stored result. */
function withDemand(stored: StoredCheck): CheckResult {
  const { check, summary, demand } = stored;
  if (demand !== undefined) return { ...stored, demand };
  const ofLost = check === 'lost' ? demandedCount(summary) : undefined;
  return { ...stored, demand: ofLost ?? null };
}
