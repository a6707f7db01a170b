import { build, type Histogram } from 'hdr-histogram-js';
import type { LatencyFigures } from '../../contracts/figures.ts';
import type { PackedTimes } from '../../contracts/observation.ts';
import type { Latency } from '../../contracts/result.ts';

/**
 * coarse: two digits and ten minutes at most in 12 kB, for one point of a chart. stored: to 3 %, in few bytes of a line.
 * `exactBits`: values below are apart.
 */
const precisions = {
  fine: { digits: 3, longestUs: 24 * 3_600 * 1_000_000, exactBits: 11 },
  coarse: { digits: 2, longestUs: 600 * 1_000_000, exactBits: 8 },
  stored: { digits: 2, longestUs: 600 * 1_000_000, exactBits: 6 },
} as const;
const WORD = 2 ** 32;

/** More classes than `stored` has: a file from elsewhere may not make a reader allocate more. */
export const mostPackedClass = 1_000;

/**
 * Latencies of many operations in constant memory.
 * They are counted in the classes of an HDR histogram, which is asked for percentiles at the end only: 100 million times its
 * own way to the class would take longer than all else that is done with a record.
 * Units: microseconds in, milliseconds out.
 */
export class LatencyRecorder {
  readonly #precision: keyof typeof precisions;
  readonly #exactBits: number;
  readonly #longestUs: number;
  #counts = new Float64Array(0);
  #maxUs = 0;
  #sumUs = 0;
  #count = 0;

  constructor(precision: keyof typeof precisions = 'fine') {
    const { longestUs, exactBits } = precisions[precision];
    this.#precision = precision;
    this.#exactBits = exactBits;
    this.#longestUs = longestUs;
  }

  record(latencyUs: number): void {
    const clamped = Math.min(Math.max(Math.round(latencyUs), 1), this.#longestUs);
    const at = classOf(clamped, this.#exactBits);
    if (at >= this.#counts.length) this.#grow(at);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sumUs += clamped;
    this.#count++;
    // The histogram's own maximum is the upper end of a bucket.
    if (clamped > this.#maxUs) this.#maxUs = clamped;
  }

  /** Takes over what another one of the same precision recorded. */
  add(other: LatencyRecorder): void {
    if (other.#counts.length > this.#counts.length) this.#grow(other.#counts.length - 1);
    other.#counts.forEach((count, at) => (this.#counts[at] = (this.#counts[at] ?? 0) + count));
    this.#sumUs += other.#sumUs;
    this.#count += other.#count;
    this.#maxUs = Math.max(this.#maxUs, other.#maxUs);
  }

  /** What was recorded, to be added to another of the same precision elsewhere. */
  packed(): PackedTimes {
    const classes: number[] = [];
    let last = 0;
    this.#counts.forEach((count, at) => {
      if (count === 0) return;
      classes.push(at - last, count);
      last = at;
    });
    return { sumUs: this.#sumUs, maxUs: this.#maxUs, classes };
  }

  addPacked({ sumUs, maxUs, classes }: PackedTimes): void {
    let at = 0;
    for (let index = 0; index + 1 < classes.length; index += 2) {
      at += classes[index] ?? 0;
      const count = classes[index + 1] ?? 0;
      if (at >= this.#counts.length) this.#grow(at);
      this.#counts[at] = (this.#counts[at] ?? 0) + count;
      this.#count += count;
    }
    this.#sumUs += sumUs;
    this.#maxUs = Math.max(this.#maxUs, maxUs);
  }

  /** undefined where nothing was recorded: no operation is not a fast operation. */
  summary(): Latency | undefined {
    const figures = this.figures();
    return figures && { ...figures, count: this.#count };
  }

  /** The same without the count. */
  figures(): LatencyFigures | undefined {
    if (this.#maxUs === 0) return undefined;
    const histogram = this.#histogram();
    const at = (percentile: number) =>
      Math.min(histogram.getValueAtPercentile(percentile), this.#maxUs) / 1000;
    const mean = Math.round(this.#sumUs / this.#count) / 1000;
    const max = this.#maxUs / 1000;
    return { mean, p50: at(50), p95: at(95), p99: at(99), p999: at(99.9), max };
  }

  #histogram(): Histogram {
    const { digits, longestUs } = precisions[this.#precision];
    const histogram = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: longestUs,
      numberOfSignificantValueDigits: digits,
      bitBucketSize: 64,
    });
    this.#counts.forEach((count, at) => {
      if (count > 0) histogram.recordValueWithCount(lowestOf(at, this.#exactBits), count);
    });
    return histogram;
  }

  #grow(at: number): void {
    const half = 2 ** (this.#exactBits - 1);
    const counts = new Float64Array((Math.floor(at / half) + 2) * half);
    counts.set(this.#counts);
    this.#counts = counts;
  }
}

/** Below 2^bits each number has a class of its own; above, each power of two has 2^(bits - 1) of one width. */
function classOf(value: number, bits: number): number {
  const half = 1 << (bits - 1);
  if (value < 2 * half) return value;
  // Nearly all are below 36 minutes, and shifts are faster than divisions.
  if (value < WORD / 2) {
    const bitsOver = 32 - Math.clz32(value) - bits;
    return bitsOver * half + (value >>> bitsOver);
  }
  const length = value < WORD ? 32 - Math.clz32(value) : 64 - Math.clz32(value / WORD);
  const shift = length - bits;
  return shift * half + Math.floor(value / 2 ** shift);
}

/** The lowest number of a class. */
function lowestOf(at: number, bits: number): number {
  const half = 2 ** (bits - 1);
  if (at < 2 * half) return at;
  const shift = Math.floor(at / half) - 1;
  return (at - shift * half) * 2 ** shift;
}
