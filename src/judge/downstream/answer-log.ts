import type { JournalHeader, OperationKind, Outcome } from '../../contracts/evidence.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import { KIND, KINDS, NO_NODE, OUTCOME, OUTCOMES } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';
import type { WritePosition } from '../causes/gone-write.ts';

/** An update or a delete of one row. */
export interface LoggedChange {
  readonly kind: Exclude<OperationKind, 'insert'>;
  readonly seq: number;
  readonly version: number;
  readonly outcome: Outcome;
  /** It was sent after the inserts of all lower seqs, and before that of this one. */
  readonly before: number;
  /** With its answer; undefined: it was not acknowledged. */
  readonly position: WritePosition | undefined;
}

/** What one writer was answered. Of its inserts by seq; NaN: no such answer, or no position with it. */
interface WriterAnswers {
  readonly answeredUs: number[];
  readonly lsn: number[];
  readonly timeline: number[];
  readonly node: number[];
  readonly changes: LoggedChange[];
  /** The first seq that it has not sent an insert of. */
  next: number;
}

/**
 * When each acknowledged write was answered, by whom, and the position that came with the answer. Only for runs with consumers or an
 * archive.
 */
export class AnswerLog implements JournalVisitor {
  readonly #writers = new Map<number, WriterAnswers>();
  #nodes: readonly string[] = [];

  begin({ nodes }: JournalHeader): void {
    this.#nodes = nodes;
  }

  records(batch: RecordBatch): void {
    for (let index = 0; index < batch.length; index++) {
      const answers = this.#of(batch.writer[index] ?? 0);
      if (batch.kind[index] === KIND.insert) noteInsert(answers, batch, index);
      else this.#noteChange(answers, batch, index);
    }
  }

  writers(): IterableIterator<number> {
    return this.#writers.keys();
  }

  /** In the order in which they were sent. */
  changes(writer: number): readonly LoggedChange[] {
    return this.#writers.get(writer)?.changes ?? [];
  }

  /** The seqs of its acknowledged inserts. */
  inserted(writer: number): readonly number[] {
    return Object.keys(this.#writers.get(writer)?.answeredUs ?? []).map(Number);
  }

  /** Of an insert; microseconds since the start of the load; undefined: not acknowledged. */
  answeredUs(writer: number, seq: number): number | undefined {
    return this.#writers.get(writer)?.answeredUs[seq];
  }

  /** The insert position just before the commit record of an insert; undefined: unknown. */
  lsn(writer: number, seq: number): number | undefined {
    const lsn = this.#writers.get(writer)?.lsn[seq];
    return lsn === undefined || Number.isNaN(lsn) ? undefined : lsn;
  }

  /** Of an insert; undefined: it was not acknowledged, or came without a position. */
  position(writer: number, seq: number): WritePosition | undefined {
    const lsn = this.lsn(writer, seq);
    const answers = this.#writers.get(writer);
    if (lsn === undefined || !answers) return undefined;
    return {
      node: this.#nodes[answers.node[seq] ?? NO_NODE],
      timeline: answers.timeline[seq] ?? 0,
      lsn,
      atUs: answers.answeredUs[seq] ?? NaN,
    };
  }

  #noteChange(answers: WriterAnswers, batch: RecordBatch, index: number): void {
    const kind = KINDS[batch.kind[index] ?? 0];
    if (kind === 'insert' || kind === undefined) return;
    const position = isAcknowledged(batch, index)
      ? {
          node: this.#nodes[batch.node[index] ?? NO_NODE],
          timeline: batch.timeline[index] ?? 0,
          lsn: batch.value[index] ?? 0,
          atUs: batch.answeredUs[index] ?? NaN,
        }
      : undefined;
    const first = batch.seq[index] ?? 0;
    for (let seq = first; seq < first + (batch.count[index] ?? 0); seq++) {
      answers.changes.push({
        kind,
        seq,
        version: batch.version[index] ?? 0,
        outcome: OUTCOMES[batch.outcome[index] ?? OUTCOME.indeterminate] ?? 'indeterminate',
        before: answers.next,
        position,
      });
    }
  }

  #of(writer: number): WriterAnswers {
    const known = this.#writers.get(writer);
    if (known) return known;
    const made = { answeredUs: [], lsn: [], timeline: [], node: [], changes: [], next: 0 };
    this.#writers.set(writer, made);
    return made;
  }
}

function isAcknowledged({ outcome }: RecordBatch, index: number): boolean {
  return outcome[index] === OUTCOME.acknowledged || outcome[index] === OUTCOME.localOnly;
}

function noteInsert(answers: WriterAnswers, batch: RecordBatch, index: number): void {
  const first = batch.seq[index] ?? 0;
  const end = first + (batch.count[index] ?? 0);
  answers.next = Math.max(answers.next, end);
  if (!isAcknowledged(batch, index)) return;
  const lsn = batch.value[index] ?? 0;
  for (let seq = first; seq < end; seq++) {
    answers.answeredUs[seq] = batch.answeredUs[index] ?? NaN;
    // 0: it came without a position.
    answers.lsn[seq] = lsn === 0 ? NaN : lsn;
    answers.timeline[seq] = batch.timeline[index] ?? 0;
    answers.node[seq] = batch.node[index] ?? NO_NODE;
  }
}
