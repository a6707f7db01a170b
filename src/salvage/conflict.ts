import type { ConflictClass } from '../contracts/salvage.ts';
import type { RowImage } from './row-images.ts';

type Present = Pick<RowImage, 'image' | 'version' | 'xid'> | undefined;

/** What became of a tracked row, whose versions ascend. */
export function conflictOfTracked(
  kind: 'insert' | 'update' | 'delete',
  lost: Pick<RowImage, 'image' | 'version'> | undefined,
  present: Present,
): ConflictClass {
  if (kind === 'delete') return present ? 'unchanged' : 'present';
  if (!present) return kind === 'insert' ? 'absent' : 'deleted';
  if (present.image === lost?.image) return 'present';
  const isOlder = Number(present.version) < Number(lost?.version);
  return kind === 'update' && isOlder ? 'unchanged' : 'overwritten';
}

/**
 * What became of a row of a table that has no versions. After the fork both primaries go on from nearly the same transaction id, so a
 * row with a lower one than the first lost transaction is older than the fork.
 */
export function conflictOfRow(
  lost: Pick<RowImage, 'image'>,
  present: Present,
  firstLostXid: number,
): ConflictClass {
  if (!present) return 'absent';
  if (present.image === lost.image) return 'present';
  return Number(present.xid) < firstLostXid ? 'unchanged' : 'overwritten';
}
