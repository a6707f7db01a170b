import type { Latency } from '../../contracts/result.ts';
import { LatencyRecorder } from '../../evidence/figures/latency-recorder.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import { KINDS, OUTCOME } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';

/** What was due before the end of the warm-up. */
export interface WarmupCounts {
  readonly operations: number;
  /** Writes. */
  readonly acknowledged: number;
}

/**
 * Latencies of acknowledged operations by kind, each from its intended start: a stall of an open loop is not hidden. What was
 * due in the warm-up is counted, and not measured.
 */
export class LatenciesByKind implements JournalVisitor {
  readonly #recorders = KINDS.map(() => new LatencyRecorder());
  readonly #warmupUs: number;
  #operations = 0;
  #acknowledged = 0;

  constructor(warmupUs = 0) {
    this.#warmupUs = warmupUs;
  }

  get warmup(): WarmupCounts {
    return { operations: this.#operations, acknowledged: this.#acknowledged };
  }

  records({ length, outcome, kind, count, totalUs, answeredUs }: RecordBatch): void {
    const warmupUs = this.#warmupUs;
    for (let index = 0; index < length; index++) {
      const isAcknowledged = outcome[index] === OUTCOME.acknowledged;
      if (warmupUs > 0 && (answeredUs[index] ?? 0) - (totalUs[index] ?? 0) < warmupUs) {
        this.#operations++;
        if (isAcknowledged) this.#acknowledged += count[index] ?? 0;
      } else if (isAcknowledged) {
        this.#recorders[kind[index] ?? 0]?.record(totalUs[index] ?? 0);
      }
    }
  }

  /** Of all kinds together; null: nothing was acknowledged. */
  overall(): Latency | null {
    const all = new LatencyRecorder();
    for (const recorder of this.#recorders) all.add(recorder);
    return all.summary() ?? null;
  }

  summary(): Readonly<Record<string, Latency>> {
    const summaries = KINDS.map((kind, at) => [kind, this.#recorders[at]?.summary()] as const);
    return Object.fromEntries(summaries.flatMap(([kind, found]) => (found ? [[kind, found]] : [])));
  }
}
