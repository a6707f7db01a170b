import type { ArchiveResult, RestoreResult, Result } from '../../contracts/result.ts';
import { grouped } from './format.ts';

const flawsShown = 8;

export const restoreHead = [
  ...['restore', 'should have', 'missing', 'too many', 'corrupted', 'ended at'],
];

/** What each restore from the archive gave back. */
export function restoreRows({ archive }: Result): readonly (readonly string[])[] {
  if (archive?.restores.length === 0)
    return [['none', ...restoreHead.slice(1).map(() => 'unknown')]];
  return (archive?.restores ?? []).map((found) => [
    ...[nameOf(found), shown(found.expected), shown(found.missing), shown(found.extra)],
    ...[shown(found.corrupted), endOf(found)],
  ]);
}

/** Why a restore lacks what it lacks. */
export function archiveSentences({ archive }: Result): readonly string[] {
  if (!archive) return [];
  const { reason, needed, isNoted, flaws, partial, restores } = archive;
  const more = flaws.length - flawsShown;
  return [
    ...(reason === null ? [] : [`The archive could not be judged: ${reason}.`]),
    ...restores.flatMap(restoreSentences),
    ...flaws.slice(0, flawsShown).map(flawSentence),
    ...(more > 0 ? [`And ${grouped(more)} more.`] : []),
    ...(needed !== null && flaws.length === 0
      ? [`The archive has all ${grouped(needed)} segments that a restore to the end reads.`]
      : []),
    ...(isNoted === false
      ? ['Who archived what, and what was refused, is unknown: the archive_command notes nothing.']
      : []),
    ...(partial.length === 0
      ? []
      : [`Only a part is there, which no restore reads by itself: ${partial.join(', ')}.`]),
  ];
}

/** For a terminal. */
export function archiveLines(result: Result): readonly string[] {
  const lines = (result.archive?.restores ?? []).map(
    (found) =>
      `restore ${nameOf(found)}: ${shown(found.missing)} of ${shown(found.expected)} missing, ${shown(found.extra)} too many, ` +
      `${shown(found.corrupted)} corrupted; ended at ${endOf(found)}`,
  );
  return [...lines, ...archiveSentences(result)];
}

function restoreSentences(found: RestoreResult): string[] {
  const { reason, isRefused, missing, missingRanges } = found;
  if (isRefused) return [`PostgreSQL refused the restore ${nameOf(found)}: ${reason ?? ''}.`];
  if (reason !== null) return [`The restore ${nameOf(found)} could not be judged: ${reason}.`];
  const [first] = missingRanges;
  if (!missing || !first) return [];
  return [
    `The restore ${nameOf(found)} lacks ${grouped(missing)}; the first: writer ${first.writer}, seq ${first.from} to ${first.to}.`,
  ];
}

const flawWords = {
  missing: 'is missing in the archive',
  neverArchived: 'was never archived',
  changed: 'was changed in the archive',
  twoHistories: 'has two histories',
} as const satisfies Record<ArchiveResult['flaws'][number]['kind'], string>;

function flawSentence({ kind, segment, timeline, lsn, what }: ArchiveResult['flaws'][number]) {
  const where = lsn === null ? `timeline ${timeline}` : `timeline ${timeline}, from ${lsn}`;
  return `${segment} (${where}) ${flawWords[kind]}: ${what}.`;
}

function nameOf({ to, lsn }: RestoreResult): string {
  return lsn === null ? `to the ${to}` : `to the ${to} at ${lsn}`;
}

function endOf({ reachedLsn, reachedTimeline, isRefused }: RestoreResult): string {
  if (reachedLsn === null) return isRefused ? 'nowhere: it was refused' : 'unknown';
  return `${reachedLsn}, timeline ${reachedTimeline ?? 'unknown'}`;
}

function shown(count: number | null): string {
  return count === null ? 'unknown' : grouped(count);
}
