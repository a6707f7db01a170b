import { lsnNumber } from '../../std/units/lsn.ts';

const isSegment = /^[0-9A-F]{24}$/;

export function historyName(timeline: number): string {
  return `${hex(timeline)}.history`;
}

export function isHistory(name: string): boolean {
  return /^[0-9A-F]{8}\.history$/.test(name);
}

/** The files that hold a timeline's WAL from a position on, ascending; all of the timeline's where the position is null. */
export function segmentsFrom(
  names: readonly string[],
  timeline: number,
  { lsn, segmentBytes }: { readonly lsn: string | null; readonly segmentBytes: number },
): readonly string[] {
  const prefix = hex(timeline);
  const first = prefix + (lsn === null ? '' : segmentAt(lsn, segmentBytes));
  return names
    .filter((name) => isSegment.test(name) && name.startsWith(prefix) && name >= first)
    .toSorted();
}

/** Source: PostgreSQL, xlog_internal.h, XLogFileName. */
function segmentAt(lsn: string, segmentBytes: number): string {
  const segment = Math.floor(lsnNumber(lsn) / segmentBytes);
  const perId = 2 ** 32 / segmentBytes;
  return hex(Math.floor(segment / perId)) + hex(segment % perId);
}

function hex(part: number): string {
  return part.toString(16).toUpperCase().padStart(8, '0');
}
