import type { Outcome } from '../../contracts/evidence.ts';
import type { Operation, Statement, WorkloadContext, Writer } from '../../contracts/workload.ts';
import { seededRandom } from '../../std/random.ts';
import { DeletableRows, HotRows } from './rows.ts';

/** How a workload writes the rows of one writer. */
export interface RowStatements {
  /** Rows seq .. seq+count-1 in version 0. More than the statement: those before it in the same transaction. */
  insert(seq: number, count: number): Pick<Operation, 'statement' | 'before'>;
  /** Never to an older version: an update whose client gave up may arrive after a later one. */
  update(seq: number, version: number): Statement;
  delete(seq: number): Statement;
}

type Context = Pick<WorkloadContext<unknown>, 'seed' | 'mix' | 'batch'>;

/**
 * One connection's inserts, updates and deletes.
 * - An insert takes the next seqs, whatever became of the ones before.
 * - An update takes a hot row and its next version, also when the version before is indeterminate: the statement
 *   never sets a row back, so a late one cannot undo a later one.
 * - A delete takes the oldest acknowledged row that was never hot, and is not repeated: whether the row still stands
 *   after an indeterminate delete is for the judge.
 * - Where there is no row for an update or a delete yet, an insert is done instead.
 */
export class RowWriter implements Writer {
  readonly #context: Context;
  readonly #statements: RowStatements;
  readonly #random: () => number;
  readonly #hot = new HotRows();
  readonly #deletable = new DeletableRows();
  #nextSeq = 0;

  /** `label`: of the stream of random numbers, such as `ledger writer 3`. */
  constructor(label: string, statements: RowStatements, context: Context) {
    this.#context = context;
    this.#statements = statements;
    this.#random = seededRandom(context.seed, label);
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
    const { statement, before } = this.#statements.insert(seq, batch);
    const operation = { kind: 'insert', seq, count: batch, version: 0, statement } as const;
    return before ? { ...operation, before } : operation;
  }

  #update(): Operation | undefined {
    const row = this.#hot.nextVersion(this.#random());
    if (!row) return undefined;
    const { seq, version } = row;
    const statement = this.#statements.update(seq, version);
    return { kind: 'update', seq, count: 1, version, statement };
  }

  #delete(): Operation | undefined {
    const seq = this.#deletable.takeOldest();
    if (seq === undefined) return undefined;
    const statement = this.#statements.delete(seq);
    return { kind: 'delete', seq, count: 1, version: 0, statement };
  }
}
