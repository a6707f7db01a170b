import type { LossPromise } from '../contracts/durability.ts';
import type { LostRange } from '../contracts/result.ts';
import { parseLsn } from '../pg/lsn.ts';
import { extent } from '../std/units/extent.ts';

/** An acknowledgement is journaled after the server wrote it, and a lock is renewed once a loop. */
const toleranceMs = 2_000;

/**
 * Whether the lost writes prove that more was lost than `bytes` of WAL and what was written in `seconds`: one that was
 * acknowledged before those last seconds lies further than `bytes` behind the first that is lost. Where that cannot be
 * proven, the bound counts as kept.
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
