import { build, type Histogram } from 'hdr-histogram-js';
import type { Latency } from '../contracts/result.ts';

const longestUs = 24 * 3_600 * 1_000_000;

/**
 * Latencies of many operations in constant memory, to three significant digits.
 * Units: microseconds in, milliseconds out.
 */
export class LatencyRecorder {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestUs,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
  });
  #maxUs = 0;

  record(latencyUs: number): void {
    const clamped = Math.min(Math.max(Math.round(latencyUs), 1), longestUs);
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
