import type { LoadSpec } from '../../contracts/scenario.ts';
import type { Availability } from '../availability/availability.ts';
import type { Span } from './bounds.ts';

type OfferedLoad = Pick<
  LoadSpec,
  'ratePerSecond' | 'stages' | 'think' | 'clients' | 'clientReads' | 'groups'
>;

const bucketMs = 100;
/** With fewer, a bucket may be empty though the database answers every operation. */
const leastPerSecond = 20;

/**
 * The share of 100 ms buckets in which an operation was acknowledged, percent. Whole buckets within the spans count.
 * null: there is none, or fewer than 20 operations a second are offered at some time, so that an empty bucket says nothing.
 */
export function availabilityPercent(
  spans: readonly Span[],
  availability: Availability,
  load: OfferedLoad,
): number | null {
  const offered = (load.groups ?? [load]).reduce((sum, each) => sum + writesOffered(each), 0);
  if (offered < leastPerSecond) return null;
  const acknowledged = availability.series(bucketMs);
  let buckets = 0;
  let available = 0;
  for (const { fromMs, untilMs } of spans) {
    const end = Math.floor(untilMs / bucketMs);
    for (let bucket = Math.ceil(fromMs / bucketMs); bucket < end; bucket++) {
      buckets++;
      if ((acknowledged[bucket] ?? 0) > 0) available++;
    }
  }
  return buckets === 0 ? null : (available / buckets) * 100;
}

/** Reads of clients are in no journal. */
function writesOffered(load: Omit<OfferedLoad, 'groups'>): number {
  const share = 1 - (load.clientReads?.share ?? 0);
  return share === 0 ? 0 : leastOffered(load) * share;
}

/** Operations per second, at the time that offers the fewest; of a closed loop without pauses as many as can be. */
function leastOffered({ ratePerSecond, stages, think, clients }: OfferedLoad): number {
  if (stages) {
    return Math.min(
      ...stages.flatMap(({ fromPerSecond, toPerSecond }) => [fromPerSecond, toPerSecond]),
    );
  }
  if (ratePerSecond !== undefined) return ratePerSecond;
  return think && think.mostMs > 0 ? (clients * 1000) / think.mostMs : Infinity;
}
