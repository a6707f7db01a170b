import type { Result } from '../../contracts/result.ts';
import type { Scenario } from '../../contracts/scenario.ts';

const said = 'no evidence was taken of ';

/** That no WAL of an old primary was taken, and why, where timelines forked; none where a note of the run has said it. */
export function untakenNotes(
  { wal, forks }: Required<Pick<Result, 'wal' | 'forks'>>,
  { evidence }: Pick<Scenario, 'evidence'>,
  notes: readonly string[],
): readonly string[] {
  if (wal !== null || forks.length === 0 || notes.some((note) => note.startsWith(said))) return [];
  const why =
    evidence === 'off'
      ? 'the scenario has evidence: off'
      : 'no taking began before the end of the run, or its files are not with it';
  return [
    `no WAL of an old primary was taken, so what it held past the fork is not counted: ${why}`,
  ];
}
