import type { RecordBatch } from '../../evidence/journal/batch.ts';
import { KIND, OUTCOME } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';

/** Of one writer, by seq; NaN: no such answer, or no position with it. */
interface WriterAnswers {
  readonly answeredUs: number[];
  readonly lsn: number[];
}

/** When each acknowledged insert was answered, and the position that came with the answer. Only for runs with consumers. */
export class AnswerLog implements JournalVisitor {
  readonly #writers = new Map<number, WriterAnswers>();

  records(batch: RecordBatch): void {
    for (let index = 0; index < batch.length; index++) {
      if (batch.kind[index] !== KIND.insert) continue;
      const outcome = batch.outcome[index];
      if (outcome !== OUTCOME.acknowledged && outcome !== OUTCOME.localOnly) continue;
      const first = batch.seq[index] ?? 0;
      const lsn = batch.value[index] ?? 0;
      const answers = this.#of(batch.writer[index] ?? 0);
      for (let seq = first; seq < first + (batch.count[index] ?? 0); seq++) {
        answers.answeredUs[seq] = batch.answeredUs[index] ?? NaN;
        // 0: it came without a position.
        answers.lsn[seq] = lsn === 0 ? NaN : lsn;
      }
    }
  }

  /** Microseconds since the start of the load; undefined: not acknowledged. */
  answeredUs(writer: number, seq: number): number | undefined {
    return this.#writers.get(writer)?.answeredUs[seq];
  }

  /** The insert position just before its commit record; undefined: unknown. */
  lsn(writer: number, seq: number): number | undefined {
    const lsn = this.#writers.get(writer)?.lsn[seq];
    return lsn === undefined || Number.isNaN(lsn) ? undefined : lsn;
  }

  #of(writer: number): WriterAnswers {
    const known = this.#writers.get(writer);
    if (known) return known;
    const made: WriterAnswers = { answeredUs: [], lsn: [] };
    this.#writers.set(writer, made);
    return made;
  }
}
