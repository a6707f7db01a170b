import type { Result, Writes } from '../../contracts/result.ts';

/** Whether journals are missing, or do not reach their end: what they would tell is in no count, and every count is the least. */
export function areLeast({ journal }: Pick<Result, 'journal'>): boolean {
  return (journal.missingWriters ?? 0) > 0 || (journal.partialWriters ?? 0) > 0;
}

/** The counts where they are exact; null, not known, where they are only the least. For whoever compares numbers. */
export function exactWrites(result: Pick<Result, 'journal' | 'writes'>): Writes {
  if (!areLeast(result)) return result.writes;
  const names = Object.keys(result.writes);
  return Object.fromEntries(names.map((name) => [name, null])) as unknown as Writes;
}
