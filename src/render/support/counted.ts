import type { Result } from '../../contracts/result.ts';
import { areLeast } from '../../std/units/lower-bound.ts';
import { bytes, grouped, known } from './format.ts';

type Of = Pick<Result, 'journal'>;

/** A count from the journals: '1,963', 'at least 1,963' when journals are incomplete, or 'unknown'. */
export function counted(result: Of, count: number | null): string {
  return count !== null && areLeast(result) ? `at least ${grouped(count)}` : known(count);
}

/** A size that only acknowledgements show: '1.2 MB', 'at least 1.2 MB', or 'unknown'. */
export function countedBytes(result: Of, count: number | null): string {
  return `${count !== null && areLeast(result) ? 'at least ' : ''}${bytes(count)}`;
}

/** 'at least 1,963 acknowledged writes'. */
export function countedPlural(result: Of, count: number | null, word: string): string {
  if (count === null) return `an unknown number of ${word}s`;
  return `${counted(result, count)} ${word}${count === 1 && !areLeast(result) ? '' : 's'}`;
}
