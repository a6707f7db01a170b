import { causeOf, type CauseContext } from './cause.ts';
import type { WasDisturbed } from './disturbed.ts';
import type { WritePosition } from './gone-write.ts';

/**
 * Whether a write that succeeded is on the history of the final primary, by its position alone: the row may have changed since, or be
 * deleted. null: it cannot be known.
 */
export type IsOnHistory = (write: WritePosition) => boolean | null;

/** Certain is what nothing speaks against: no fork before it, no other server on its timeline, no server that may have lost its end. */
export function onHistory(context: CauseContext, wasDisturbed: WasDisturbed): IsOnHistory {
  return (write) => {
    const { node, timeline, lsn, atUs = 0 } = write;
    if (timeline === 0 || lsn === 0) return null;
    const cause = causeOf({ ...write, outcome: 'acknowledged' }, context);
    if (cause === 'forked') return false;
    if (cause !== 'unexplained' || node === undefined) return null;
    const isFlushed = context.mayBeUnflushed(node, atUs) === false;
    return isFlushed || !wasDisturbed(node, atUs / 1000) ? true : null;
  };
}
