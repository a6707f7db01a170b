import type { Writes } from '../../contracts/result.ts';

type Lost = Pick<Writes, 'lost' | 'lostUpdates' | 'lostDeletes'>;

/** All acknowledged operations whose effect is gone: rows, updates, and deletes that are undone. null: not known. */
export function lostWrites({ lost, lostUpdates, lostDeletes }: Lost): number | null {
  return lost === null || lostUpdates === null ? null : lost + lostUpdates + (lostDeletes ?? 0);
}
