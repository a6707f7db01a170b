import type { LossPromise } from '../contracts/durability.ts';
import type { LostRange } from '../contracts/result.ts';
import { parseLsn } from '../pg/lsn.ts';
import { extent } from '../std/units/extent.ts';

/** Slack: a write is journaled after the server acknowledged it, and a lock is renewed once per loop. */
const toleranceMs = 2_000;

/**
 * Whether the lost writes prove that more was lost than `bytes` of WAL plus the writes of the last `seconds`: a write
 * that was acknowledged before those seconds is more than `bytes` behind the first lost one. Without proof the bound
 * counts as held.
 */
export function boundIsBroken(
  lost: readonly LostRange[],
  { bytes, seconds }: Pick<LossPromise, 'bytes' | 'seconds'>,
): boolean {
  if (bytes === null || seconds === null) return false;
  const points = lost.flatMap(({ ackedAtMs, lsn }) =>
    lsn
      ? [
          { atMs: ackedAtMs[0], position: Number(parseLsn(lsn[0])) },
          { atMs: ackedAtMs[1], position: Number(parseLsn(lsn[1])) },
        ]
      : [],
  );
  const [first] = extent(points.map(({ position }) => position)) ?? [0];
  const [, lastMs] = extent(points.map(({ atMs }) => atMs)) ?? [0, 0];
  return points.some(
    ({ atMs, position }) =>
      atMs < lastMs - seconds * 1000 - toleranceMs && position - first > bytes,
  );
}
