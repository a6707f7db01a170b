import type { Outcome } from '../contracts/evidence.ts';
import type { Json } from '../contracts/json.ts';
import type {
  Operation,
  RowsWorkload,
  Statement,
  Transaction,
  TransactionWriter,
  WitnessWorkload,
  Workload,
  WorkloadContext,
  Writer,
} from '../contracts/workload.ts';
import { rowChecksum } from '../pg/checksum.ts';
import { position } from '../pg/position.ts';
import { quoteIdentifier } from '../pg/quote.ts';

/** A workload as the ledger sees it: its own rows, or the witness rows that are written for it. */
export function tracked(workload: Workload): RowsWorkload {
  if (workload.tracking === 'rows') return workload;
  return {
    tracking: 'rows',
    summary: workload.summary,
    params: workload.params,
    setup: (context) => [...witnessSetup(context), ...workload.setup(context)],
    writer: (number, context) => new WitnessWriter(number, workload, context),
    table: () => ({ name: 'witness', partitions: [] }),
    ...(workload.invariants && { invariants: (context) => workload.invariants?.(context) ?? [] }),
  };
}

/** The same columns as every tracked table; a witness has no content of its own. */
function witnessSetup({ schema: name, runId }: WorkloadContext<unknown>): readonly Statement[] {
  const schema = quoteIdentifier(name);
  const plain = (text: string, values: readonly unknown[] = []) => ({ text, values });
  return [
    plain(`CREATE SCHEMA ${schema}`),
    plain(`CREATE TABLE ${schema}.run (id text PRIMARY KEY)`),
    plain(`INSERT INTO ${schema}.run (id) VALUES ($1)`, [runId]),
    plain(
      `CREATE TABLE ${schema}.witness (
         writer int, seq int, version int NOT NULL, checksum bigint NOT NULL, payload text NOT NULL,
         PRIMARY KEY (writer, seq))`,
    ),
  ];
}

const nothing = Buffer.alloc(0);

class WitnessWriter implements Writer {
  readonly #number: number;
  readonly #writer: TransactionWriter;
  readonly #text: string;
  /** The one that is under way: a connection sends one after the other. */
  #transaction: Transaction | undefined;

  constructor(number: number, workload: WitnessWorkload, context: WorkloadContext<Json>) {
    this.#number = number;
    this.#writer = workload.writer(number, context);
    this.#text = `INSERT INTO ${quoteIdentifier(context.schema)}.witness
      (writer, seq, version, checksum, payload) VALUES ($1, $2, 0, $3, '')
      RETURNING ${position}, 1 AS touched`;
  }

  next(): Operation {
    const transaction = this.#writer.next();
    this.#transaction = transaction;
    const { seq, statements } = transaction;
    const checksum = rowChecksum(nothing, { writer: this.#number, seq, version: 0 });
    const values = [this.#number, seq, checksum];
    const statement = { name: 'forkpoint_witness', text: this.#text, values };
    return { kind: 'insert', seq, count: 1, version: 0, before: statements, statement };
  }

  settle(_operation: Operation, outcome: Outcome): void {
    if (this.#transaction) this.#writer.settle(this.#transaction, outcome);
  }
}
