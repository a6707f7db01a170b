import {
  type Operation,
  type Outcome,
  quoteIdentifier,
  rowChecksum,
  type RowsWorkload,
  type Statement,
  type WorkloadContext,
  type Writer,
  z,
} from 'forkpoint/extension';

/** This workload's own keys in `load:`. */
const params = z.strictObject({
  counters: z.int().min(1).max(10_000).default(8).describe('Counters of each client.'),
});
type Params = z.infer<typeof params>;
type Context = WorkloadContext<Params>;

/** WAL position and timeline of the write, returned by the statement that writes. */
const position = `pg_current_wal_insert_lsn()::text AS lsn,
  substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS timeline`;

const counter: RowsWorkload<Params> = {
  tracking: 'rows',
  summary: 'counters, each incremented by one: a lost increment is a lost update',
  params,

  setup: ({ schema, runId }) => [
    statement(`CREATE SCHEMA ${quoteIdentifier(schema)}`),
    // The marker row, by which a read-back knows that this is the run's own database.
    statement(`CREATE TABLE ${quoteIdentifier(schema)}.run (id text PRIMARY KEY)`),
    statement(`INSERT INTO ${quoteIdentifier(schema)}.run (id) VALUES ($1)`, runId),
    statement(
      `CREATE TABLE ${tableOf(schema)} (
         writer int, seq int, version int NOT NULL, checksum bigint NOT NULL, payload text NOT NULL,
         PRIMARY KEY (writer, seq))`,
    ),
  ],

  writer: (number, context) => new CounterWriter(number, context),
  table: () => ({ name: 'counter', partitions: [] }),
};
export default counter;

/** Inserts its counters first, then increments them in turn. A counter's version is its value. */
class CounterWriter implements Writer {
  readonly #writer: number;
  readonly #context: Context;
  readonly #values: number[] = [];
  #turn = 0;

  constructor(writer: number, context: Context) {
    this.#writer = writer;
    this.#context = context;
  }

  next(): Operation {
    const seq = this.#turn++ % this.#context.params.counters;
    const before = this.#values[seq];
    const version = before === undefined ? 0 : before + 1;
    // A version is never used twice, whatever its outcome: the ledger depends on it.
    this.#values[seq] = version;
    const kind = before === undefined ? 'insert' : 'update';
    return { kind, seq, count: 1, version, statement: this.#write(kind, seq, version) };
  }

  settle(_operation: Operation, _outcome: Outcome): void {
    // Nothing to remember: the next increment does not depend on this outcome.
  }

  #write(kind: 'insert' | 'update', seq: number, version: number): Statement {
    const table = tableOf(this.#context.schema);
    const payload = String(version);
    // The client computes it before sending, so that a damaged row is found.
    const checksum = rowChecksum(Buffer.from(payload), { writer: this.#writer, seq, version });
    const values = [this.#writer, seq, version, checksum, payload];
    const text =
      kind === 'insert'
        ? `INSERT INTO ${table} (writer, seq, version, checksum, payload)
           VALUES ($1, $2, $3, $4, $5) RETURNING ${position}, 1 AS touched`
        : // `version <`: an update that arrives late must not revert the row.
          `UPDATE ${table} SET version = $3, checksum = $4, payload = $5
           WHERE writer = $1 AND seq = $2 AND version < $3 RETURNING ${position}, 1 AS touched`;
    return { name: `counter_${kind}`, text, values };
  }
}

function tableOf(schema: string): string {
  return `${quoteIdentifier(schema)}.counter`;
}

function statement(text: string, ...values: readonly unknown[]): Statement {
  return { text, values };
}
