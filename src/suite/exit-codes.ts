import type { EntryStatus, RunlessStatus } from '../contracts/suite.ts';

const statuses: ReadonlyMap<number, Exclude<EntryStatus, RunlessStatus>> = new Map([
  [0, 'pass'],
  [1, 'fail'],
  [2, 'unknown'],
  [3, 'invalid'],
  [4, 'impossible'],
  [5, 'bug'],
  [6, 'knownDefect'],
  [130, 'interrupted'],
]);

/** Undefined for a code that no command of Forkpoint returns: the run was killed and has no verdict. */
export function statusOfExitCode(exitCode: number): EntryStatus | undefined {
  return statuses.get(exitCode);
}

/**
 * From bad to worst. An interruption comes first, because the table is incomplete. Then a failure: nothing else may hide
 * that a database lost data. Then the outcomes that make the others doubtful: a bug of Forkpoint, a run that could not be
 * judged, a host that could not run one, an invalid scenario. Last a known defect of the versions that ran.
 */
const order = [0, 6, 3, 4, 2, 5, 1, 130];

/** The exit code of a suite, from those of its entries; unknown for a suite without entries. */
export function worstExitCode(exitCodes: readonly number[]): number {
  const rankOf = (exitCode: number) => (order.includes(exitCode) ? order.indexOf(exitCode) : 3);
  const worst = Math.max(...exitCodes.map(rankOf));
  return order[worst] ?? 2;
}
