import type { LossPromise } from '../../contracts/durability.ts';
import type { LostPlace, LossSummary, Result } from '../../contracts/result.ts';
import { boundIsBroken, inNumbers, type LossInNumbers } from './loss-bound.ts';
import { formatLsn } from './lsn.ts';

/** The file of a run's folder that has every lost range, where result.json does not name all. */
export const lostRangesFile = 'lost-ranges.jsonl';
/** A list longer than this is not read. */
export const mostRangesNamed = 1_000;

/** What a result says of all its lost ranges, named or not. */
export function lossSummaryOf(
  result: Pick<Result, 'lostRanges' | 'lossSummary' | 'durability'>,
): LossSummary {
  const { lossSummary, lostRanges, durability } = result;
  return lossSummary ?? summarizeLoss([...inNumbers(lostRanges)], durability?.promise);
}

/** Places that count as lost: what was acknowledged with a warning has a count of its own. */
export function countedPlaces(result: Parameters<typeof lossSummaryOf>[0]): readonly LostPlace[] {
  return lossSummaryOf(result).places.filter(({ cause }) => cause !== 'localOnly');
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type OpenPlace = Mutable<Omit<LostPlace, 'lsn'>> & { lsn: [number, number] | null };

/** `ranges` is gone through once, and again where the settings promise a bound. */
export function summarizeLoss(
  ranges: Iterable<LossInNumbers>,
  promise: Pick<LossPromise, 'bytes' | 'seconds'> | undefined,
): LossSummary {
  const places = new Map<string, OpenPlace>();
  let count = 0;
  for (const range of ranges) {
    count++;
    const { node, timeline, cause } = range;
    const key = `${timeline} ${cause} ${node === null ? '' : `on ${node}`}`;
    const place = places.get(key);
    if (place) extend(place, range);
    else places.set(key, open(range));
  }
  return {
    ranges: count,
    file: count > mostRangesNamed ? lostRangesFile : null,
    places: [...places.values()].map(({ lsn, ...place }) => ({
      ...place,
      lsn: lsn && ([formatLsn(lsn[0]), formatLsn(lsn[1])] as const),
    })),
    isBeyondPromise: promise !== undefined && boundIsBroken(ranges, promise),
  };
}

function ascending([a, b]: readonly [number, number]): [number, number] {
  return a <= b ? [a, b] : [b, a];
}

function open(range: LossInNumbers): OpenPlace {
  const { node, timeline, cause, ackedAtMs } = range;
  const isAtMost = hasGaps(range) && { isAtMost: true as const };
  const writes = writesOf(range);
  const about = { node, timeline, cause, ranges: 1, writes, ...isAtMost };
  return { ...about, ackedAtMs: ascending(ackedAtMs), lsn: positions(range) };
}

function extend(place: OpenPlace, range: LossInNumbers): void {
  place.ranges++;
  place.writes += writesOf(range);
  if (hasGaps(range)) place.isAtMost = true;
  const [first, last] = ascending(range.ackedAtMs);
  if (first < place.ackedAtMs[0] || last > place.ackedAtMs[1]) {
    place.ackedAtMs = [Math.min(first, place.ackedAtMs[0]), Math.max(last, place.ackedAtMs[1])];
  }
  const lsn = place.lsn && positions(range);
  if (!lsn || !place.lsn) {
    place.lsn = null;
    return;
  }
  place.lsn[0] = Math.min(place.lsn[0], lsn[0]);
  place.lsn[1] = Math.max(place.lsn[1], lsn[1]);
}

/** Lowest first: a range that goes over a restart may have its last write at a lower position. */
function positions({ lsn }: LossInNumbers): [number, number] | null {
  return lsn && ascending(lsn);
}

function writesOf({ kind, from, to, versions }: LossInNumbers): number {
  return kind === 'update' && versions ? versions[1] - versions[0] + 1 : to - from + 1;
}

/** Between two lost versions of a row there may be some that were never acknowledged. */
function hasGaps({ versions }: LossInNumbers): boolean {
  return versions !== undefined && versions[1] > versions[0] + 1;
}
