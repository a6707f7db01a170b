import type { Outcome } from '../../contracts/evidence.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import { OUTCOME, OUTCOMES } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';

/** A time without any acknowledgement, microseconds since the start of the load. */
export interface Gap {
  /** Last acknowledgement before; undefined when it began with the load. */
  readonly afterUs: number | undefined;
  /** First acknowledgement after; undefined when none came before the end of the load. */
  readonly untilUs: number | undefined;
  /** Without the time in which the load was held: then no write was sent, and none was refused. */
  readonly lengthUs: number;
}

/** A stretch of the load, microseconds since its start. */
export interface Stretch {
  readonly fromUs: number;
  readonly untilUs: number;
}

export interface ErrorCount {
  readonly sqlState: string;
  readonly outcome: string;
  /** Operations. */
  readonly count: number;
}

export interface GapOptions {
  readonly window?: Stretch;
  /** When the load was held; ascending, not overlapping. */
  readonly held?: readonly Stretch[];
}

const always: Stretch = { fromUs: 0, untilUs: Infinity };
const BIN_US = 10_000;
const FIRST_BINS = 1024;

/**
 * When the database acknowledged writes: journals come one after the other, so each 10 ms remember their first and last
 * acknowledgement, from which gaps over 10 ms are exact. Memory: 12 bytes per 10 ms of load (4 MB an hour).
 */
export class Availability implements JournalVisitor {
  #counts = new Uint32Array(FIRST_BINS);
  /** Offsets within a bin. */
  #first = new Uint32Array(FIRST_BINS);
  #last = new Uint32Array(FIRST_BINS);
  #bins = 0;
  #acknowledged = 0;
  readonly #errors = new Map<string, { sqlState: string; outcome: string; count: number }>();

  records(batch: RecordBatch): void {
    for (let index = 0; index < batch.length; index++) this.note(batch, index);
  }

  /** One operation of it alone. */
  note(batch: RecordBatch, index: number): void {
    if (batch.outcome[index] === OUTCOME.acknowledged) {
      this.#acknowledge(batch.answeredUs[index] ?? 0);
    } else this.#countError(batch, index);
  }

  /** Its operation was sent again. */
  attempt(cursor: RecordCursor): void {
    this.#count(OUTCOMES[cursor.outcome] ?? 'indeterminate', cursor.sqlState);
  }

  #acknowledge(atUs: number): void {
    const bin = Math.floor(atUs / BIN_US);
    const offset = atUs - bin * BIN_US;
    if (bin >= this.#counts.length) this.#grow(bin);
    if (bin >= this.#bins) this.#bins = bin + 1;
    const counted = this.#counts[bin] ?? 0;
    if (counted === 0 || offset < (this.#first[bin] ?? 0)) this.#first[bin] = offset;
    if (counted === 0 || offset > (this.#last[bin] ?? 0)) this.#last[bin] = offset;
    this.#counts[bin] = counted + 1;
    this.#acknowledged++;
  }

  /** Acknowledged operations. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Acknowledged operations in each stretch of `binMs` (a multiple of 10) since the start of the load. */
  series(binMs: number): number[] {
    const perBin = Math.max(1, Math.round((binMs * 1000) / BIN_US));
    const series = new Array<number>(Math.ceil(this.#bins / perBin)).fill(0);
    for (let bin = 0; bin < this.#bins; bin++) {
      const at = Math.floor(bin / perBin);
      series[at] = (series[at] ?? 0) + (this.#counts[bin] ?? 0);
    }
    return series;
  }

  /**
   * The longest gap of the load, its begin and end counted as if acknowledged. With a window: of the gaps that overlap
   * it, at their full length, wherever they end. What is acknowledged after the end of the load was waited for while
   * nothing more was sent: it ends no gap.
   */
  longestGap(loadEndUs: number, { window = always, held = [] }: GapOptions = {}): Gap {
    let longest: Gap = { afterUs: undefined, untilUs: undefined, lengthUs: 0 };
    for (const gap of this.#gaps(loadEndUs)) {
      const fromUs = gap.afterUs ?? 0;
      const untilUs = fromUs + gap.lengthUs;
      const overlaps = fromUs <= window.untilUs && untilUs >= window.fromUs;
      if (!overlaps || gap.lengthUs <= longest.lengthUs) continue;
      const lengthUs = gap.lengthUs - heldWithin(held, { fromUs, untilUs });
      if (lengthUs > longest.lengthUs) longest = { ...gap, lengthUs };
    }
    return longest;
  }

  /** From the last acknowledgement to the end of the load. */
  lastGap(loadEndUs: number, held: readonly Stretch[] = []): Gap {
    let last: Gap = { afterUs: undefined, untilUs: undefined, lengthUs: 0 };
    for (const gap of this.#gaps(loadEndUs)) last = gap;
    const fromUs = last.afterUs ?? 0;
    const heldUs = heldWithin(held, { fromUs, untilUs: fromUs + last.lengthUs });
    return { ...last, lengthUs: last.lengthUs - heldUs };
  }

  /** The first acknowledgement from this moment on, or up to 10 ms before it; Infinity: there is none. */
  firstFrom(fromUs: number): number {
    const first = Math.floor(fromUs / BIN_US);
    for (let bin = first; bin < this.#bins; bin++) {
      const beginUs = bin * BIN_US;
      if (this.#counts[bin] === 0 || beginUs + (this.#last[bin] ?? 0) < fromUs) continue;
      return Math.max(fromUs, beginUs + (this.#first[bin] ?? 0));
    }
    return Infinity;
  }

  /**
   * The longest time without an acknowledgement within any of these spans, milliseconds; what of a gap lies outside does not
   * count. Spans: ascending, milliseconds since the start of the load.
   */
  longestWithin(spans: readonly { readonly fromMs: number; readonly untilMs: number }[]): number {
    let longestUs = 0;
    const endUs = (spans.at(-1)?.untilMs ?? 0) * 1000;
    for (const { afterUs = 0, lengthUs } of this.#gaps(endUs)) {
      for (const { fromMs, untilMs } of spans) {
        const clippedUs =
          Math.min(afterUs + lengthUs, untilMs * 1000) - Math.max(afterUs, fromMs * 1000);
        longestUs = Math.max(longestUs, clippedUs);
      }
    }
    return longestUs / 1000;
  }

  /** Attempts that were not plainly acknowledged, most frequent first. */
  errors(): readonly ErrorCount[] {
    return [...this.#errors.values()].sort(
      (a, b) => b.count - a.count || a.sqlState.localeCompare(b.sqlState),
    );
  }

  *#gaps(loadEndUs: number): Generator<Gap> {
    let afterUs: number | undefined;
    for (let bin = 0; bin < this.#bins; bin++) {
      if (this.#counts[bin] === 0) continue;
      const untilUs = bin * BIN_US + (this.#first[bin] ?? 0);
      if (untilUs > loadEndUs) break;
      yield { afterUs, untilUs, lengthUs: untilUs - (afterUs ?? 0) };
      const lastUs = Math.min(bin * BIN_US + (this.#last[bin] ?? 0), loadEndUs);
      // Within a bin only the ends are known: at most 10 ms, and no shorter than the longest gap in it.
      yield { afterUs: untilUs, untilUs: lastUs, lengthUs: lastUs - untilUs };
      afterUs = lastUs;
    }
    const restUs = Math.max(0, loadEndUs - (afterUs ?? 0));
    yield { afterUs, untilUs: undefined, lengthUs: restUs };
  }

  #countError(batch: RecordBatch, index: number): void {
    const outcome = OUTCOMES[batch.outcome[index] ?? OUTCOME.indeterminate] ?? 'indeterminate';
    this.#count(outcome, outcome === 'localOnly' ? '01000' : batch.sqlStateAt(index));
  }

  #count(outcome: Outcome, sqlState: string): void {
    const key = `${outcome} ${sqlState}`;
    const known = this.#errors.get(key);
    if (known) known.count++;
    else this.#errors.set(key, { sqlState, outcome, count: 1 });
  }

  #grow(bin: number): void {
    const size = 2 ** Math.ceil(Math.log2(bin + 1));
    this.#counts = grown(this.#counts, size);
    this.#first = grown(this.#first, size);
    this.#last = grown(this.#last, size);
  }
}

function heldWithin(held: readonly Stretch[], { fromUs, untilUs }: Stretch): number {
  return held.reduce((sum, each) => {
    const overlapUs = Math.min(untilUs, each.untilUs) - Math.max(fromUs, each.fromUs);
    return sum + Math.max(0, overlapUs);
  }, 0);
}

function grown(array: Uint32Array<ArrayBuffer>, size: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(size);
  larger.set(array);
  return larger;
}
