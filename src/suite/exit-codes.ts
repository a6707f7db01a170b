import type { EntryStatus, RunlessStatus } from '../contracts/suite.ts';

const statuses: ReadonlyMap<number, Exclude<EntryStatus, RunlessStatus>> = new Map([
  [0, 'pass'],
  [1, 'fail'],
  [2, 'unknown'],
  [3, 'invalid'],
  [4, 'impossible'],
  [5, 'bug'],
  [130, 'interrupted'],
]);

/** Undefined for a code that is none of ours: the run was killed, and nobody judged it. */
export function statusOfExitCode(exitCode: number): EntryStatus | undefined {
  return statuses.get(exitCode);
}

/**
 * From bad to worst. An interruption says that the table is not whole. Then a failure: nothing else may hide that a
 * database lost data. Then what makes the rest doubtful: our bug, a run that could not be judged, a host that could
 * not run one, a scenario that is none.
 */
const order = [0, 3, 4, 2, 5, 1, 130];

/** The exit code of a suite, from those of its entries; unknown when there are none. */
export function worstExitCode(exitCodes: readonly number[]): number {
  const rankOf = (exitCode: number) => (order.includes(exitCode) ? order.indexOf(exitCode) : 3);
  const worst = Math.max(...exitCodes.map(rankOf));
  return order[worst] ?? 2;
}
