import type { LossPromise } from '../../contracts/durability.ts';
import type { LostRange } from '../../contracts/result.ts';
import { lsnNumber } from './lsn.ts';

/** A lost range whose positions are numbers: what is said of all of them is said without a million texts. */
export type LossInNumbers = Omit<LostRange, 'lsn'> & {
  readonly lsn: readonly [first: number, last: number] | null;
};

/** An acknowledgement is journaled after the server wrote it, and a lock is renewed once a loop. */
const toleranceMs = 2_000;

/**
 * Whether the lost writes prove that more was lost than `bytes` of WAL and what was written in `seconds`: one that was
 * acknowledged before those last seconds lies further than `bytes` behind the first that is lost. Where that cannot be
 * proven, the bound counts as kept.
 */
export function boundIsBroken(
  lost: Iterable<LossInNumbers>,
  { bytes, seconds }: Pick<LossPromise, 'bytes' | 'seconds'>,
): boolean {
  if (bytes === null || seconds === null) return false;
  let [firstLsn, lastMs] = [Infinity, -Infinity];
  for (const { atMs, lsn } of points(lost)) {
    firstLsn = Math.min(firstLsn, lsn);
    lastMs = Math.max(lastMs, atMs);
  }
  const untilMs = lastMs - seconds * 1000 - toleranceMs;
  for (const { atMs, lsn } of points(lost)) {
    if (atMs < untilMs && lsn - firstLsn > bytes) return true;
  }
  return false;
}

/** The first and the last write of each range, where its position is known. */
function* points(lost: Iterable<LossInNumbers>) {
  for (const { ackedAtMs, lsn } of lost) {
    if (!lsn) continue;
    yield { atMs: ackedAtMs[0], lsn: lsn[0] };
    yield { atMs: ackedAtMs[1], lsn: lsn[1] };
  }
}

/** The ranges of a stored result. A position that is none, as of an edited one, is not known. */
export function* inNumbers(ranges: Iterable<LostRange>): Generator<LossInNumbers> {
  for (const range of ranges) {
    const [first, last] = range.lsn?.map(lsnNumber) ?? [];
    const isKnown = Number.isSafeInteger(first) && Number.isSafeInteger(last);
    yield { ...range, lsn: isKnown ? [first ?? 0, last ?? 0] : null };
  }
}
