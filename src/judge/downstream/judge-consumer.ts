import type { ConsumerKind, NamedGap, SinkReading } from '../../contracts/downstream.ts';
import type {
  DeliveryAnomaly,
  DownstreamResult,
  LostAt,
  MissingRange,
} from '../../contracts/result/downstream.ts';
import { count, rangesOf, subtract } from '../../std/ranges.ts';
import { formatLsn } from '../../std/units/lsn.ts';
import type { AnswerLog } from './answer-log.ts';
import { foldChanges, type Delivery, type PresentRows } from './fold-changes.ts';
import { commitBounds, placeMissing, type Reached } from './place-missing.ts';

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

type Answers = Pick<AnswerLog, 'answeredUs' | 'lsn'>;

/**
 * Judges one consumer per write, like a replica: each write on the final primary should be in the sink once, in the order of the
 * commits, as it was sent. `present`: undefined where the primary could not be read.
 */
export function judgeConsumer(
  consumer: ConsumerEvidence,
  present: PresentRows | undefined,
  answers: Answers,
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
  if (!present) return { ...known, ...unknown('there is no reading of a primary to compare with') };
  const delivery = foldChanges(sink.changes, present);
  // Only of a consumer that says what it confirms can be told where it lost a write.
  const reached = kind === 'cdc' ? { sink: sink.confirmed, said, gaps } : undefined;
  const missing = missingOf(delivery, present, reached, answers);
  const { delivered, duplicates, outOfOrder, corrupted, phantoms } = delivery;
  return {
    ...known,
    reason: null,
    expected: [...present.values()].reduce((sum, rows) => sum + count(rows), 0),
    delivered,
    missing: missing.count,
    missingAt: missing.at,
    skipped: missing.skipped,
    duplicates,
    outOfOrder,
    corrupted,
    phantoms,
    longestLagMs: longestLag({ consumer, delivery, readAtUs: sink.readAtUs }, present, answers),
    missingRanges: missing.ranges.slice(0, rangesNamed),
    anomalies: firstOfEach(delivery.anomalies),
    confirmedLsn: sink.confirmed === null ? null : formatLsn(sink.confirmed),
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
    longestLagMs: null,
    missingRanges: [],
    anomalies: [],
    confirmedLsn: null,
  };
}

function missingOf(
  { first }: Delivery,
  present: PresentRows,
  reached: Reached | undefined,
  answers: Answers,
) {
  const at: Record<LostAt, number> = { slot: 0, consumer: 0, sink: 0 };
  const ranges: MissingRange[] = [];
  let skipped = 0;
  let total = 0;
  for (const [writer, rows] of present) {
    const gone = subtract(rows, rangesOf(first.get(writer)?.keys() ?? []));
    if (gone.length === 0) continue;
    const boundsOf = commitBounds(rows, (seq) => answers.lsn(writer, seq));
    for (const [from, to] of gone) {
      for (let seq = from; seq <= to; seq++) {
        const placed = reached && placeMissing(boundsOf(seq), reached);
        total++;
        if (placed) at[placed.at]++;
        if (placed?.isSkipped) skipped++;
        const where = placed?.at ?? 'unknown';
        const last = ranges.at(-1);
        const goesOn = last?.writer === writer && last.to === seq - 1 && last.at === where;
        if (goesOn) ranges[ranges.length - 1] = { ...last, to: seq };
        else ranges.push({ writer, from: seq, to: seq, at: where });
      }
    }
  }
  return {
    count: total,
    at: reached ? at : null,
    skipped: reached ? skipped : null,
    ranges,
  };
}

interface Timed {
  readonly consumer: Pick<ConsumerEvidence, 'batchAtUs'>;
  readonly delivery: Delivery;
  readonly readAtUs: number;
}

/** Unknown as soon as one time is. A write that was delivered before its answer came was not late. */
function longestLag(
  { consumer, delivery, readAtUs }: Timed,
  present: PresentRows,
  answers: Answers,
): number | null {
  let longestUs: number | null = null;
  for (const [writer, rows] of present) {
    const first = delivery.first.get(writer);
    for (const [from, to] of rows) {
      for (let seq = from; seq <= to; seq++) {
        const answeredUs = answers.answeredUs(writer, seq);
        if (answeredUs === undefined) continue;
        const batch = first?.get(seq);
        const atUs = batch === undefined ? readAtUs : batch && consumer.batchAtUs(batch);
        if (atUs === undefined || atUs === null) return null;
        longestUs = Math.max(longestUs ?? 0, atUs - answeredUs);
      }
    }
  }
  return longestUs === null ? null : Math.round(longestUs / 1000);
}
