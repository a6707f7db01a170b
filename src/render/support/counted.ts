import type { Result } from '../../contracts/result.ts';
import { areLeast } from '../../std/units/lower-bound.ts';
import { grouped, known } from './format.ts';

type Of = Pick<Result, 'journal'>;

/** A count as far as the journals tell it: '1,963', 'at least 1,963' where some are missing, or 'unknown'. */
export function counted(result: Of, count: number | null): string {
  return count !== null && areLeast(result) ? `at least ${grouped(count)}` : known(count);
}

/** 'at least 1,963 acknowledged writes'. */
export function countedPlural(result: Of, count: number | null, word: string): string {
  if (count === null) return `an unknown number of ${word}s`;
  return `${counted(result, count)} ${word}${count === 1 && !areLeast(result) ? '' : 's'}`;
}
