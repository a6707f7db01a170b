import type { Outcome, Ranges } from '../../contracts/evidence.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import { KIND, OUTCOME, OUTCOMES } from '../../evidence/journal/format.ts';
import { ImpossibleRecord } from '../../evidence/journal/impossible-record.ts';
import { UpdateLedger } from './update-ledger.ts';
import { RangeSet } from '../../std/range-set.ts';

/** Acknowledged inserts from..to that one server answered without another in between. */
export interface Stretch {
  /** Index into the ledger's nodes. */
  readonly node: number;
  readonly timeline: number;
  readonly from: number;
  to: number;
}

/** What one writer did, in a size that grows with its interruptions and with the rows it updated. */
export class WriterLedger {
  readonly writer: number;
  /** The seqs inserted are first .. next-1; undefined before the first insert. */
  first: number | undefined;
  next = 0;
  readonly updates = new UpdateLedger();
  readonly stretches: Stretch[] = [];
  /** Runs of one outcome: run i covers starts[i] .. starts[i+1]-1, the last one up to next-1. */
  #starts = new Uint32Array(8);
  #outcomes = new Uint8Array(8);
  #runs = 0;
  readonly #deletes = OUTCOMES.map(() => new RangeSet());

  constructor(writer: number) {
    this.writer = writer;
  }

  /** Errors: ImpossibleRecord when the operation cannot follow what was applied before. */
  apply(batch: RecordBatch, index: number): void {
    if (batch.kind[index] === KIND.insert) this.#insert(batch, index);
    else this.#change(batch.cursorAt(index));
  }

  #change(cursor: RecordCursor): void {
    if (this.first === undefined || cursor.seq < this.first) throw this.#unknownRow(cursor);
    if (cursor.seq + cursor.count > this.next) throw this.#unknownRow(cursor);
    if (cursor.kind === KIND.update) this.updates.apply(cursor);
    else this.#deletes[cursor.outcome]?.add(cursor.seq, cursor.seq + cursor.count - 1);
  }

  /** Rows whose insert had this outcome. */
  inserted(outcome: Outcome): Ranges {
    const code = OUTCOME[outcome];
    const ranges: [number, number][] = [];
    for (let run = 0; run < this.#runs; run++) {
      if (this.#outcomes[run] !== code) continue;
      const next = run + 1 < this.#runs ? (this.#starts[run + 1] ?? 0) : this.next;
      ranges.push([this.#starts[run] ?? 0, next - 1]);
    }
    return ranges;
  }

  /** Rows with at least one delete of this outcome. */
  deleted(outcome: Outcome): Ranges {
    return this.#deletes[OUTCOME[outcome]]?.ranges() ?? [];
  }

  /** Rows of every further delete of this outcome, once per time. */
  deletedAgain(outcome: Outcome): readonly (readonly [from: number, to: number])[] {
    return this.#deletes[OUTCOME[outcome]]?.repeated() ?? [];
  }

  #insert(batch: RecordBatch, index: number): void {
    const seq = batch.seq[index] ?? 0;
    const outcome = batch.outcome[index] ?? 0;
    this.first ??= this.next = seq;
    if (seq !== this.next) {
      const what = `writer ${this.writer} inserts seq ${seq} where ${this.next} is next`;
      throw new ImpossibleRecord(batch.cursorAt(index), what);
    }
    this.next = seq + (batch.count[index] ?? 0);
    if (this.#runs === 0 || this.#outcomes[this.#runs - 1] !== outcome) this.#begin(seq, outcome);
    if (outcome === OUTCOME.acknowledged) {
      this.#stretch(batch.node[index] ?? 0, batch.timeline[index] ?? 0, seq);
    }
  }

  #begin(seq: number, outcome: number): void {
    if (this.#runs === this.#starts.length) {
      const starts = new Uint32Array(2 * this.#runs);
      const outcomes = new Uint8Array(2 * this.#runs);
      starts.set(this.#starts);
      outcomes.set(this.#outcomes);
      this.#starts = starts;
      this.#outcomes = outcomes;
    }
    this.#starts[this.#runs] = seq;
    this.#outcomes[this.#runs++] = outcome;
  }

  #stretch(node: number, timeline: number, from: number): void {
    const last = this.stretches.at(-1);
    if (last?.node === node && last.timeline === timeline) last.to = this.next - 1;
    else this.stretches.push({ node, timeline, from, to: this.next - 1 });
  }

  #unknownRow(cursor: RecordCursor): ImpossibleRecord {
    const known = this.first === undefined ? 'none' : `${this.first} to ${this.next - 1}`;
    const what = `writer ${this.writer} changes seq ${cursor.seq} + ${cursor.count}; it inserted ${known}`;
    return new ImpossibleRecord(cursor, what);
  }
}
