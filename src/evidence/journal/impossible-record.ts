import { ScenarioError } from '../../std/errors.ts';
import type { RecordCursor } from './cursor.ts';
import { AT, getNumber64, KIND, MAX_U32, MOST_SQL_STATE, NO_NODE, OUTCOME } from './format.ts';

/**
 * A record whose checksum is right, and that no load can have written. Of a stored journal that is the fault of what was
 * stored; a live run's own journal was written by us.
 */
export class ImpossibleRecord extends ScenarioError {
  /** Which record of which journal, and what of it cannot be. */
  readonly what: string;

  constructor({ path, atByte }: Pick<RecordCursor, 'path' | 'atByte'>, what: string) {
    const which = `${path}: the record at byte ${atByte} cannot be: ${what}`;
    super(
      `${which}. No run writes that: the journal was edited, or damaged. Take it as it was written.`,
    );
    this.what = which;
  }
}

/** What of a record cannot be, whatever comes before it; undefined when all of it can. `nodes`: how many the header names. */
export function objectionTo(cursor: RecordCursor, nodes: number): string | undefined {
  if (!cursor.isKnown) return 'its kind is unknown';
  const { seq, count, node, kind } = cursor;
  if (count === 0 || seq + count - 1 > MAX_U32) return `${count} rows from seq ${seq} on`;
  const value = getNumber64(cursor.view, cursor.at + AT.value);
  if (kind === KIND.id) {
    return value > Number.MAX_SAFE_INTEGER - count ? `the server-made id ${value}` : undefined;
  }
  if (kind === KIND.attempt && cursor.outcome <= OUTCOME.localOnly) {
    return 'an attempt that succeeded, and its operation was sent again';
  }
  if (node !== NO_NODE && node >= nodes) return `node ${node} of ${nodes}`;
  if (kind === KIND.update && cursor.version === 0) return 'an update to version 0';
  if (cursor.outcome > OUTCOME.localOnly) {
    return value > MOST_SQL_STATE ? `the SQLSTATE ${value}` : undefined;
  }
  return value > Number.MAX_SAFE_INTEGER ? `the LSN ${value}` : undefined;
}
