import type { Outcome } from '../../contracts/evidence.ts';
import type { Operation, WorkloadContext, Writer } from '../../contracts/workload.ts';
import { seededRandom } from '../../std/random.ts';
import type { LedgerParams } from './params.ts';
import { sealedPayload } from '../support/payload.ts';
import { DeletableRows, HotRows } from '../support/rows.ts';
import { ledgerStatements, type LedgerStatements } from './statements.ts';

/**
 * One connection's inserts, updates and deletes.
 * - An insert takes the next seqs, whatever became of the ones before.
 * - An update takes a hot row and its next version, also when the version before is indeterminate: the statement
 *   never sets a row back, so a late one cannot undo a later one.
 * - A delete takes the oldest acknowledged row that was never hot, and is not repeated: whether the row still stands
 *   after an indeterminate delete is for the judge.
 * - Where there is no row for an update or a delete yet, an insert is done instead.
 */
export class LedgerWriter implements Writer {
  readonly #writer: number;
  readonly #context: WorkloadContext<LedgerParams>;
  readonly #statements: LedgerStatements;
  readonly #random: () => number;
  readonly #hot = new HotRows();
  readonly #deletable = new DeletableRows();
  #nextSeq = 0;

  constructor(writer: number, context: WorkloadContext<LedgerParams>) {
    this.#writer = writer;
    this.#context = context;
    this.#statements = ledgerStatements(context);
    this.#random = seededRandom(context.seed, `ledger writer ${writer}`);
  }

  next(): Operation {
    const { mix } = this.#context;
    const draw = this.#random();
    if (draw < mix.update) return this.#update() ?? this.#insert();
    if (draw < mix.update + mix.delete) return this.#delete() ?? this.#insert();
    return this.#insert();
  }

  settle(operation: Operation, outcome: Outcome): void {
    const isThere = outcome === 'acknowledged' || outcome === 'localOnly';
    if (operation.kind === 'insert' && isThere) this.#remember(operation);
    if (operation.kind === 'update' && isThere) this.#hot.confirm(operation.seq);
    if (operation.kind === 'update' && outcome === 'failed') this.#hot.doubt(operation.seq);
  }

  #remember({ seq, count }: Operation): void {
    const { mix } = this.#context;
    const isHot = mix.update > 0 && this.#hot.offer(seq);
    if (mix.delete > 0) this.#deletable.add(isHot ? seq + 1 : seq, seq + count - 1);
  }

  #insert(): Operation {
    const { batch } = this.#context;
    const seq = this.#nextSeq;
    this.#nextSeq += batch;
    const statement = batch === 1 ? this.#insertOne(seq) : this.#insertMany(seq, batch);
    return { kind: 'insert', seq, count: batch, version: 0, statement };
  }

  #insertOne(seq: number) {
    const { payload, checksum } = this.#seal(seq, 0);
    return { ...this.#statements.insert, values: [this.#writer, seq, checksum, payload] };
  }

  #insertMany(seq: number, count: number) {
    const seqs = Array.from({ length: count }, (_, index) => seq + index);
    const rows = seqs.map((each) => this.#seal(each, 0));
    const checksums = rows.map(({ checksum }) => checksum);
    const payloads = rows.map(({ payload }) => payload);
    return { ...this.#statements.insertMany, values: [this.#writer, seqs, checksums, payloads] };
  }

  #update(): Operation | undefined {
    const row = this.#hot.nextVersion(this.#random());
    if (!row) return undefined;
    const { seq, version } = row;
    const { payload, checksum } = this.#seal(seq, version);
    const values = [this.#writer, seq, version, checksum, payload];
    const statement = { ...this.#statements.update, values };
    return { kind: 'update', seq, count: 1, version, statement };
  }

  #delete(): Operation | undefined {
    const seq = this.#deletable.takeOldest();
    if (seq === undefined) return undefined;
    const statement = { ...this.#statements.delete, values: [this.#writer, seq] };
    return { kind: 'delete', seq, count: 1, version: 0, statement };
  }

  #seal(seq: number, version: number) {
    const { seed, payloadBytes } = this.#context;
    return sealedPayload({ seed, writer: this.#writer, seq, version }, payloadBytes);
  }
}
