import type { Result, Writes } from '../../contracts/result.ts';

/** Whether writers have no journal: what they did is in no count, so that every count is the least it can be. */
export function areLeast({ journal }: Pick<Result, 'journal'>): boolean {
  return (journal.missingWriters ?? 0) > 0;
}

/** The counts where they are exact; null, not known, where they are only the least. For whoever compares numbers. */
export function exactWrites(result: Pick<Result, 'journal' | 'writes'>): Writes {
  if (!areLeast(result)) return result.writes;
  const names = Object.keys(result.writes);
  return Object.fromEntries(names.map((name) => [name, null])) as unknown as Writes;
}
