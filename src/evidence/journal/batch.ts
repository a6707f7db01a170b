import { RecordCursor } from './cursor.ts';
import * as format from './format.ts';
import { HEAD_BYTES, type Frame } from './frames.ts';
import { ImpossibleRecord, objectionTo } from './impossible-record.ts';

const { AT, KIND, OUTCOME, RECORD_BYTES } = format;

/**
 * The operations of one frame in columns, so that what is done with 100 million of them is a loop over numbers and not a
 * call for each. The same object for every frame: keep nothing of it but numbers. Entries from `length` on mean nothing.
 */
export class RecordBatch {
  length = 0;
  /** KIND's numbers; never id. */
  kind = new Uint8Array(0);
  /** OUTCOME's numbers. */
  outcome = new Uint8Array(0);
  /** Index into the header's nodes; NO_NODE when there was no connection. */
  node = new Uint8Array(0);
  writer = new Uint16Array(0);
  seq = new Uint32Array(0);
  count = new Uint16Array(0);
  version = new Uint32Array(0);
  timeline = new Uint32Array(0);
  /** The LSN of an acknowledged or localOnly operation, 0 if unknown; else the SQLSTATE as format.ts packs it. */
  value = new Float64Array(0);
  sentUs = new Float64Array(0);
  /** When the answer came, or when the client gave up waiting. */
  answeredUs = new Float64Array(0);
  /** From when the operation should have been sent to its answer. */
  totalUs = new Float64Array(0);
  /** Where each record stands in the view. */
  #at = new Uint32Array(0);
  readonly #cursor = new RecordCursor();
  #frame: Frame | undefined;
  #hasIds = false;
  #hasAttempts = false;
  #objection: ImpossibleRecord | undefined;

  /** Whether the frame holds server-made ids, which are no operations. */
  get hasIds(): boolean {
    return this.#hasIds;
  }

  /** Whether the frame holds attempts whose operations were sent again, which are no operations. */
  get hasAttempts(): boolean {
    return this.#hasAttempts;
  }

  /** What no run can have written; the batch ends before it. */
  get objection(): ImpossibleRecord | undefined {
    return this.#objection;
  }

  /** Where the frame begins in the journal. */
  get atByte(): number {
    return this.#frame?.atByte ?? 0;
  }

  get endByte(): number {
    const { atByte = 0, from = 0, to = 0 } = this.#frame ?? {};
    return atByte + HEAD_BYTES + to - from;
  }

  get frameNumber(): number {
    return this.#frame?.number ?? 0;
  }

  /** The operation as a cursor: for few of them. The same object each time. */
  cursorAt(index: number): RecordCursor {
    this.#cursor.at = this.#at[index] ?? 0;
    return this.#cursor;
  }

  /** The SQLSTATE of a failed or indeterminate operation; '' without one. */
  sqlStateAt(index: number): string {
    return format.unpackSqlState(this.value[index] ?? 0);
  }

  /** A cursor at each server-made id of the frame. */
  ids(): Generator<RecordCursor> {
    return this.#ofKind(KIND.id);
  }

  /** A cursor at each attempt whose operation was sent again. */
  attempts(): Generator<RecordCursor> {
    return this.#ofKind(KIND.attempt);
  }

  *#ofKind(kind: number): Generator<RecordCursor> {
    const { from = 0, to = 0 } = this.#frame ?? {};
    for (let at = from; at < to; at += RECORD_BYTES) {
      this.#cursor.at = at;
      if (this.#cursor.kind === kind) yield this.#cursor;
    }
  }

  /** Takes over a data frame of a journal whose header names `nodes` nodes. */
  decode(path: string, frame: Frame, nodes: number): void {
    const { view, from, to, atByte } = frame;
    const size = (to - from) / RECORD_BYTES;
    if (size > this.kind.length) this.#grow(Math.max(size, 2 * this.kind.length));
    this.#frame = frame;
    this.#hasIds = false;
    this.#hasAttempts = false;
    this.#objection = undefined;
    this.#cursor.view = view;
    this.#cursor.path = path;
    this.#cursor.viewAtByte = atByte + HEAD_BYTES - from;
    this.length = 0;
    for (let at = from; at < to; at += RECORD_BYTES) {
      if (this.#take(view, at, nodes)) continue;
      this.#cursor.at = at;
      const objection = objectionTo(this.#cursor, nodes);
      if (objection !== undefined) {
        this.#objection = new ImpossibleRecord(this.#cursor, objection);
        return;
      }
      if (this.#cursor.kind === KIND.id) this.#hasIds = true;
      else this.#hasAttempts = true;
    }
  }

  /** Decodes one operation; false for an id, and for what cannot be. */
  #take(view: DataView, at: number, nodes: number): boolean {
    const index = this.length;
    const kindAndOutcome = view.getUint8(at);
    const kind = kindAndOutcome & 15;
    const outcome = kindAndOutcome >>> 4;
    const node = view.getUint8(at + AT.node);
    const seq = view.getUint32(at + AT.seq, true);
    const count = view.getUint16(at + AT.count, true);
    const version = view.getUint32(at + AT.version, true);
    const value = format.getNumber64(view, at + AT.value);
    if (kind > KIND.delete || outcome > OUTCOME.indeterminate) return false;
    if (count === 0 || seq + count - 1 > format.MAX_U32) return false;
    if (node !== format.NO_NODE && node >= nodes) return false;
    if (kind === KIND.update && version === 0) return false;
    const most = outcome > OUTCOME.localOnly ? format.MOST_SQL_STATE : Number.MAX_SAFE_INTEGER;
    if (value > most) return false;
    this.#at[index] = at;
    this.kind[index] = kind;
    this.outcome[index] = outcome;
    this.node[index] = node;
    this.writer[index] = view.getUint16(at + AT.writer, true);
    this.seq[index] = seq;
    this.count[index] = count;
    this.version[index] = version;
    this.timeline[index] = view.getUint32(at + AT.timeline, true);
    this.value[index] = value;
    const sentUs =
      view.getUint32(at + AT.sentUs, true) + view.getUint8(at + AT.sentUs + 4) * 2 ** 32;
    const latencyUs = view.getUint32(at + AT.latencyUs, true);
    this.sentUs[index] = sentUs;
    this.answeredUs[index] = sentUs + latencyUs;
    this.totalUs[index] = latencyUs + view.getUint32(at + AT.waitedUs, true);
    this.length = index + 1;
    return true;
  }

  #grow(size: number): void {
    for (const name of ['kind', 'outcome', 'node'] as const) this[name] = new Uint8Array(size);
    for (const name of ['writer', 'count'] as const) this[name] = new Uint16Array(size);
    for (const name of ['seq', 'version', 'timeline'] as const) this[name] = new Uint32Array(size);
    for (const name of ['value', 'sentUs', 'answeredUs', 'totalUs'] as const) {
      this[name] = new Float64Array(size);
    }
    this.#at = new Uint32Array(size);
  }
}
