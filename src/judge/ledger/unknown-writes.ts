import type { Writes } from '../../contracts/result.ts';

/** Every count of writes, where nothing is known. */
export const unknownWrites: Writes = {
  attempted: null,
  acknowledged: null,
  localOnly: null,
  failed: null,
  indeterminate: null,
  durable: null,
  lost: null,
  lostLocalOnly: null,
  recovered: null,
  dropped: null,
  unexpected: null,
  rejected: null,
  duplicated: null,
  corrupted: null,
  reissued: null,
  lostUpdates: null,
  lostDeletes: null,
};
