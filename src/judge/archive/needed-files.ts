import type { ArchiveFound, WalPlace } from '../../contracts/archive.ts';
import { formatLsn, lsnNumber } from '../../std/units/lsn.ts';

/** A file of WAL that recovery asks the archive for. */
export interface NeededFile {
  readonly name: string;
  readonly timeline: number;
  /** Its first position; null: the history of a timeline. */
  readonly lsn: string | null;
}

/**
 * The segments from the base backup to the end of the final primary's WAL, and the histories of the timelines that begin on the way.
 * A segment in which a timeline begins is read from the newest one: it has the WAL before the fork, too.
 * Source: PostgreSQL, xlogrecovery.c, XLogFileReadAnyTLI.
 */
export function neededFiles({
  segmentBytes,
  from,
  end,
  ancestors,
}: Pick<ArchiveFound, 'segmentBytes' | 'from' | 'end' | 'ancestors'>): readonly NeededFile[] {
  const numberOf = (lsn: number) => Math.floor(lsn / segmentBytes);
  const timelines = timelinesOf(ancestors, end);
  const histories = timelines
    .filter(({ begin }) => begin > lsnNumber(from.lsn))
    .map(({ timeline }) => ({ name: `${hex(timeline)}.history`, timeline, lsn: null }));
  const segments: NeededFile[] = [];
  // The end lies behind the last byte.
  const last = numberOf(lsnNumber(end.lsn) - 1);
  for (let number = numberOf(lsnNumber(from.lsn)); number <= last; number++) {
    const newest = timelines.findLast(({ begin }) => numberOf(begin) <= number);
    const timeline = newest?.timeline ?? from.timeline;
    const lsn = formatLsn(number * segmentBytes);
    segments.push({ name: segmentName(timeline, number, segmentBytes), timeline, lsn });
  }
  return [...segments, ...histories];
}

/** Each timeline of the history, with the position at which it begins. */
function timelinesOf(ancestors: readonly WalPlace[], end: WalPlace) {
  const all = [...ancestors.map(({ timeline }) => timeline), end.timeline];
  return all.map((timeline, index) => {
    const parent = ancestors[index - 1];
    return { timeline, begin: parent ? lsnNumber(parent.lsn) : 0 };
  });
}

/** Source: PostgreSQL, xlog_internal.h, XLogFileName. */
function segmentName(timeline: number, number: number, segmentBytes: number): string {
  const perLog = 2 ** 32 / segmentBytes;
  return hex(timeline) + hex(Math.floor(number / perLog)) + hex(number % perLog);
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, '0');
}
