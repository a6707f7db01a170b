import { build, type Histogram } from 'hdr-histogram-js';
import type { Latency } from '../../contracts/result.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import { KINDS, OUTCOME } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/reader.ts';

/** coarse: two digits and ten minutes at most in 12 kB, for one point of a chart. */
const precisions = {
  fine: { digits: 3, longestUs: 24 * 3_600 * 1_000_000, bits: 64 },
  coarse: { digits: 2, longestUs: 600 * 1_000_000, bits: 32 },
} as const;

/**
 * Latencies of many operations in constant memory.
 * Units: microseconds in, milliseconds out.
 */
export class LatencyRecorder {
  readonly #histogram: Histogram;
  readonly #longestUs: number;
  #maxUs = 0;

  constructor(precision: keyof typeof precisions = 'fine') {
    const { digits, longestUs, bits } = precisions[precision];
    this.#longestUs = longestUs;
    this.#histogram = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: longestUs,
      numberOfSignificantValueDigits: digits,
      bitBucketSize: bits,
    });
  }

  record(latencyUs: number): void {
    const clamped = Math.min(Math.max(Math.round(latencyUs), 1), this.#longestUs);
    this.#histogram.recordValue(clamped);
    // The histogram's own maximum is the upper end of a bucket.
    if (clamped > this.#maxUs) this.#maxUs = clamped;
  }

  merge(other: LatencyRecorder): void {
    this.#histogram.add(other.#histogram);
    this.#maxUs = Math.max(this.#maxUs, other.#maxUs);
  }

  /** undefined where nothing was recorded: no operation is not a fast operation. */
  summary(): Latency | undefined {
    if (this.#histogram.totalCount === 0) return undefined;
    const at = (percentile: number) =>
      Math.min(this.#histogram.getValueAtPercentile(percentile), this.#maxUs) / 1000;
    const max = this.#maxUs / 1000;
    return { p50: at(50), p95: at(95), p99: at(99), max, count: this.#histogram.totalCount };
  }
}

/** Latencies of acknowledged operations by kind, each from its intended start: a stall of an open loop is not hidden. */
export class LatenciesByKind implements JournalVisitor {
  readonly #recorders = KINDS.map(() => new LatencyRecorder());

  record(cursor: RecordCursor): void {
    if (cursor.outcome !== OUTCOME.acknowledged) return;
    this.#recorders[cursor.kind]?.record(cursor.waitedUs + cursor.latencyUs);
  }

  summary(): Readonly<Record<string, Latency>> {
    const summaries = KINDS.map((kind, at) => [kind, this.#recorders[at]?.summary()] as const);
    return Object.fromEntries(summaries.flatMap(([kind, found]) => (found ? [[kind, found]] : [])));
  }
}
