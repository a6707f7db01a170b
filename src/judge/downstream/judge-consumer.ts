import type { ConsumerKind, NamedGap, SinkReading } from '../../contracts/downstream.ts';
import type { DeliveryAnomaly, DownstreamResult } from '../../contracts/result/downstream.ts';
import { formatLsn } from '../../std/units/lsn.ts';
import { differingRows, lastStates } from './sink-rows.ts';
import { foldChanges, type Delivery, type Histories } from './fold-changes.ts';
import { judgeRows } from './judge-rows.ts';
import { missingWrites } from './missing-writes.ts';
import { sumOf } from './writer-history.ts';

const rangesNamed = 20;

/** One consumer, as its own lines and its sink show it. */
export interface ConsumerEvidence {
  readonly name: string;
  readonly consumer: ConsumerKind;
  readonly sink: SinkReading;
  readonly gaps: readonly NamedGap[];
  /** The furthest position that it said its sink has committed. */
  readonly said: bigint | null;
  /** When the sink had committed a batch, at the latest; microseconds since the start of the load, undefined: unknown. */
  batchAtUs(batch: number): number | undefined;
  readonly starts: number;
  readonly stopped: string | null;
}

interface JudgeOptions {
  /** The load updates or deletes rows, too. */
  readonly hasChanges: boolean;
}

/**
 * Judges one consumer per write, like a replica: each write on the final primary's history should be in the sink once, in the order of
 * the commits, as it was sent. `histories`: undefined where the primary could not be read.
 */
export function judgeConsumer(
  consumer: ConsumerEvidence,
  histories: Histories | undefined,
  { hasChanges }: JudgeOptions,
): DownstreamResult {
  const { name, consumer: kind, sink, gaps, said, starts, stopped } = consumer;
  const known = {
    name,
    consumer: kind,
    gaps: gaps.map(({ from, to, why }) => ({
      fromLsn: formatLsn(from),
      toLsn: formatLsn(to),
      why,
    })),
    starts,
    stopped,
  };
  if (sink.status !== 'read') return { ...known, ...unknown(sink.reason) };
  if (!histories)
    return { ...known, ...unknown('there is no reading of a primary to compare with') };
  const confirmedLsn = sink.confirmed === null ? null : formatLsn(sink.confirmed);
  // A subscription applies changes to rows: what is left of them is their last state.
  if (kind === 'subscription' && hasChanges) {
    return { ...known, ...judgeRows(sink.changes, histories), reason: null, confirmedLsn };
  }
  const delivery = foldChanges(sink.changes, histories);
  // Only of a consumer that says what it confirms can be told where it lost a write.
  const reached = kind === 'cdc' ? { sink: sink.confirmed, said, gaps } : undefined;
  const missing = missingWrites(delivery, histories, reached);
  const { delivered, duplicates, outOfOrder, corrupted, phantoms } = delivery;
  return {
    ...known,
    reason: null,
    expected: sumOf(histories, ({ certain }) => certain.length),
    delivered,
    missing: missing.count,
    missingAt: missing.at,
    skipped: missing.skipped,
    duplicates,
    outOfOrder,
    corrupted,
    phantoms,
    uncertain: sumOf(histories, ({ uncertain }) => uncertain),
    ...(hasChanges && { differing: differingRows(lastStates(sink.changes), histories) }),
    longestLagMs: longestLag({ consumer, delivery, readAtUs: sink.readAtUs }, histories),
    missingRanges: missing.ranges.slice(0, rangesNamed),
    anomalies: firstOfEach(delivery.anomalies),
    confirmedLsn,
  };
}

function firstOfEach(anomalies: readonly DeliveryAnomaly[]): readonly DeliveryAnomaly[] {
  const kinds = Map.groupBy(anomalies, ({ kind }) => kind);
  return [...kinds.values()].flatMap((same) => same.slice(0, rangesNamed));
}

function unknown(reason: string) {
  return {
    reason,
    expected: null,
    delivered: null,
    missing: null,
    missingAt: null,
    skipped: null,
    duplicates: null,
    outOfOrder: null,
    corrupted: null,
    phantoms: null,
    uncertain: null,
    longestLagMs: null,
    missingRanges: [],
    anomalies: [],
    confirmedLsn: null,
  };
}

interface Timed {
  readonly consumer: Pick<ConsumerEvidence, 'batchAtUs'>;
  readonly delivery: Delivery;
  readonly readAtUs: number;
}

/** Unknown as soon as one time is. A write that was delivered before its answer came was not late. */
function longestLag({ consumer, delivery, readAtUs }: Timed, histories: Histories): number | null {
  let longestUs: number | null = null;
  for (const [writer, { certain }] of histories) {
    const first = delivery.first.get(writer);
    for (const write of certain) {
      if (write.answeredUs === undefined) continue;
      const batch = first?.get(write);
      const atUs = batch === undefined ? readAtUs : batch && consumer.batchAtUs(batch);
      if (atUs === undefined || atUs === null) return null;
      longestUs = Math.max(longestUs ?? 0, atUs - write.answeredUs);
    }
  }
  return longestUs === null ? null : Math.round(longestUs / 1000);
}
