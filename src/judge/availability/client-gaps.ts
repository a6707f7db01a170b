import type { ClientOutages } from '../../contracts/result.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import { MOST_WRITERS, OUTCOME } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';

const ERROR_STEP_US = 10_000;

/**
 * How long each writer went without an acknowledgement at the longest, and when operations failed. A writer's records are in
 * one journal, in the order of their answers. Memory: 24 bytes a possible writer, and an entry per 10 ms with a failure.
 */
export class ClientGaps implements JournalVisitor {
  readonly #lastUs = new Float64Array(MOST_WRITERS);
  readonly #fromUs = new Float64Array(MOST_WRITERS);
  readonly #longestUs = new Float64Array(MOST_WRITERS);
  readonly #firstErrorUs = new Map<number, number>();
  #writers = 0;

  records({ length, outcome, writer: writers, answeredUs }: RecordBatch): void {
    for (let index = 0; index < length; index++) {
      const atUs = answeredUs[index] ?? 0;
      if ((outcome[index] ?? OUTCOME.indeterminate) > OUTCOME.localOnly) this.#noteError(atUs);
      else if (outcome[index] === OUTCOME.acknowledged) this.#note(writers[index] ?? 0, atUs);
    }
  }

  /** The first operation that failed, or had no answer, from then on; undefined: none did. Milliseconds. */
  firstErrorFrom(fromMs: number): number | undefined {
    let firstUs = Infinity;
    for (const atUs of this.#firstErrorUs.values()) {
      if (atUs >= fromMs * 1000 && atUs < firstUs) firstUs = atUs;
    }
    return firstUs === Infinity ? undefined : firstUs / 1000;
  }

  /** Of the writers whose longest time without an acknowledgement overlaps a stretch of the load. */
  overlapping(fromMs: number, untilMs: number): ClientOutages | null {
    const lengths: number[] = [];
    for (let writer = 0; writer < this.#writers; writer++) {
      const beginMs = (this.#fromUs[writer] ?? 0) / 1000;
      const ms = (this.#longestUs[writer] ?? 0) / 1000;
      if (ms > 0 && beginMs < untilMs && beginMs + ms > fromMs) lengths.push(ms);
    }
    if (lengths.length === 0) return null;
    lengths.sort((a, b) => a - b);
    const at = (share: number) =>
      Math.round(lengths[Math.min(lengths.length - 1, Math.floor(share * lengths.length))] ?? 0);
    return { writers: lengths.length, p50Ms: at(0.5), p90Ms: at(0.9), mostMs: at(1) };
  }

  #note(writer: number, atUs: number): void {
    const lastUs = this.#lastUs[writer] ?? 0;
    if (lastUs > 0 && atUs - lastUs > (this.#longestUs[writer] ?? 0)) {
      this.#longestUs[writer] = atUs - lastUs;
      this.#fromUs[writer] = lastUs;
    }
    this.#lastUs[writer] = atUs;
    if (writer >= this.#writers) this.#writers = writer + 1;
  }

  #noteError(atUs: number): void {
    const step = Math.floor(atUs / ERROR_STEP_US);
    if (atUs < (this.#firstErrorUs.get(step) ?? Infinity)) this.#firstErrorUs.set(step, atUs);
  }
}
