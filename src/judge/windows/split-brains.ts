import type { JournalHeader } from '../../contracts/evidence.ts';
import type { AcknowledgedBy, Result } from '../../contracts/result.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import { NO_NODE, OUTCOME } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';
import type { Coverage } from '../sections/coverage.ts';
import type { TwoPrimaries } from './roles.ts';

/** Counts what each server acknowledged while two of them were primary. */
export class SplitBrainLog implements JournalVisitor {
  readonly #spans: readonly TwoPrimaries[];
  readonly #writes: readonly Map<string | null, number>[];
  #nodes: readonly string[] = [];

  constructor(spans: readonly TwoPrimaries[]) {
    this.#spans = spans;
    this.#writes = spans.map(() => new Map());
  }

  begin({ nodes }: JournalHeader): void {
    this.#nodes = nodes;
  }

  records({ length, outcome, answeredUs, node, count }: RecordBatch): void {
    for (let at = 0; at < length; at++) {
      if (outcome[at] !== OUTCOME.acknowledged) continue;
      const atMs = (answeredUs[at] ?? 0) / 1000;
      const span = this.#spans.findIndex(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs);
      const writes = this.#writes[span];
      if (!writes) continue;
      const index = node[at] ?? NO_NODE;
      const by = index === NO_NODE ? null : (this.#nodes[index] ?? null);
      writes.set(by, (writes.get(by) ?? 0) + (count[at] ?? 0));
    }
  }

  /** Some journals that are missing may hold what a server acknowledged: then nothing is counted. */
  splitBrains(coverage: Coverage): NonNullable<Result['splitBrains']> {
    return this.#spans.map(({ nodes, fromMs, untilMs }, index) => ({
      nodes,
      fromMs: Math.round(fromMs),
      untilMs: Math.round(untilMs),
      acknowledged: coverage === 'all' ? counts(this.#writes[index]) : null,
    }));
  }
}

function counts(writes: ReadonlyMap<string | null, number> = new Map()): readonly AcknowledgedBy[] {
  return [...writes]
    .map(([node, found]) => ({ node, writes: found }))
    .sort((a, b) => b.writes - a.writes);
}
