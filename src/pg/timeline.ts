import { ClusterError } from '../std/errors.ts';
import { parseLsn } from './lsn.ts';

/** One ancestor of a timeline: `lsn` is the fork point, where the next timeline begins. */
export interface Ancestor {
  readonly timeline: number;
  readonly lsn: string;
  readonly reason: string;
}

/** A timeline history file that PostgreSQL itself would refuse. */
export class CorruptHistory extends ClusterError {}

const entry = /^(\d{1,10})\t([0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8})(?:\t(.*))?$/;
const maxTimeline = 2 ** 32 - 1;

/**
 * The ancestors of a timeline, oldest first; none for an empty text.
 * Shape: text of pg_wal/NNNNNNNN.history, one ancestor per line: timeline, fork point and reason between tabs.
 *   Blank lines and lines that begin with # are ignored.
 * Units: LSN as text.
 * Errors: CorruptHistory with the line number.   Source: PostgreSQL, timeline.c, readTimeLineHistory.
 */
export function parseHistory(text: string): Ancestor[] {
  const ancestors: Ancestor[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, digits, lsn, reason = ''] = entry.exec(line) ?? [];
    const where = `timeline history, line ${index + 1}`;
    if (digits === undefined || lsn === undefined) {
      throw new CorruptHistory(`${where}: '${line.slice(0, 80)}' is not timeline, LSN, reason`);
    }
    const ancestor = { timeline: Number(digits), lsn, reason };
    checkOrder(ancestor, ancestors.at(-1), where);
    ancestors.push(ancestor);
  }
  return ancestors;
}

function checkOrder(ancestor: Ancestor, parent: Ancestor | undefined, where: string): void {
  const { timeline, lsn } = ancestor;
  if (timeline < 1 || timeline > maxTimeline) {
    throw new CorruptHistory(`${where}: ${timeline} is no timeline`);
  }
  if (!parent) return;
  if (timeline <= parent.timeline) {
    throw new CorruptHistory(`${where}: timeline ${timeline} comes after ${parent.timeline}`);
  }
  if (parseLsn(lsn) < parseLsn(parent.lsn)) {
    throw new CorruptHistory(`${where}: ${lsn} lies before the fork point ${parent.lsn}`);
  }
}
