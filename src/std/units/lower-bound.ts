import type { Result, Writes } from '../../contracts/result.ts';

/** Whether journals are missing or end early: their further operations are in no count, so every count is a lower bound. */
export function areLeast({ journal }: Pick<Result, 'journal'>): boolean {
  return (journal.missingWriters ?? 0) > 0 || (journal.partialWriters ?? 0) > 0;
}

/** Counts where they are exact; null, unknown, where they are lower bounds. For code that compares numbers. */
export function exactWrites(result: Pick<Result, 'journal' | 'writes'>): Writes {
  if (!areLeast(result)) return result.writes;
  const names = Object.keys(result.writes);
  return Object.fromEntries(names.map((name) => [name, null])) as unknown as Writes;
}
