import type { PastRun } from '../../contracts/history.ts';

type Look = PastRun['status'] | 'held' | 'broken';

export interface ShownVerdict {
  readonly word: Look;
  /** The colour: a class of the style sheet. */
  readonly look: PastRun['status'];
  /** For those who point at it. */
  readonly why: string;
}

/**
 * How a run ended. As a cell of a matrix it was asked whether its settings keep their promise, and the demands of the
 * scenario, which may well demand a loss, have no say.
 */
export function verdictOf({ status, reason, matrix }: PastRun): ShownVerdict {
  const own = [status, reason ?? ''].join(' ').trim();
  if (!matrix) return { word: status, look: status, why: reason ?? '' };
  const about = `the demands of the scenario, which a matrix does not ask: ${own}`;
  if (matrix.cell === 'held') return { word: 'held', look: 'pass', why: about };
  if (matrix.cell === 'broken') return { word: 'broken', look: 'fail', why: about };
  return { word: matrix.cell, look: matrix.cell, why: about };
}
