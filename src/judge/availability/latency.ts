import type { Latency } from '../../contracts/result.ts';
import { LatencyRecorder } from '../../evidence/figures/latency-recorder.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import { KINDS, OUTCOME } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';

/** Latencies of acknowledged operations by kind, each from its intended start: a stall of an open loop is not hidden. */
export class LatenciesByKind implements JournalVisitor {
  readonly #recorders = KINDS.map(() => new LatencyRecorder());

  records({ length, outcome, kind, totalUs }: RecordBatch): void {
    for (let index = 0; index < length; index++) {
      if (outcome[index] !== OUTCOME.acknowledged) continue;
      this.#recorders[kind[index] ?? 0]?.record(totalUs[index] ?? 0);
    }
  }

  summary(): Readonly<Record<string, Latency>> {
    const summaries = KINDS.map((kind, at) => [kind, this.#recorders[at]?.summary()] as const);
    return Object.fromEntries(summaries.flatMap(([kind, found]) => (found ? [[kind, found]] : [])));
  }
}
