import type { Statement, WorkloadContext } from '../../contracts/workload.ts';
import { payloadBytesOf, type PayloadSize } from '../support/payload.ts';
import type { RowStatements } from '../support/row-writer.ts';
import { prepared, tableIn } from '../support/sql.ts';
import { position } from '../../pg/position.ts';
import { fields, type Record, recordOf } from './row.ts';

const types = ['text', 'text', 'int', 'text', 'text', 'text', 'int'];

/** The statements of one writer, with its records. */
export class RecordRows implements RowStatements {
  readonly #writer: number;
  readonly #context: PayloadSize & { readonly seed: number };
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #delete: Statement;

  constructor(writer: number, context: WorkloadContext<unknown>) {
    this.#writer = writer;
    this.#context = context;
    const table = tableIn(context.schema, 'record');
    const arrays = ['int', 'bigint', 'text', ...types].map((type, n) => `$${n + 2}::${type}[]`);
    this.#insert = prepared(
      'records_insert',
      `WITH written AS (
         INSERT INTO ${table} (writer, seq, version, checksum, payload, ${fields.join(', ')})
         SELECT $1, seq, 0, checksum, payload, ${fields.join(', ')}
           FROM unnest(${arrays.join(', ')}) AS row (seq, checksum, payload, ${fields.join(', ')})
         RETURNING seq)
       SELECT count(*)::int AS touched, ${position} FROM written`,
    );
    const set = fields.map((field, index) => `${field} = $${index + 6}`).join(', ');
    this.#update = prepared(
      'records_update',
      `UPDATE ${table} SET version = $3, checksum = $4, payload = $5, ${set}, updated_at = now()
        WHERE writer = $1 AND seq = $2 AND version < $3 RETURNING ${position}, 1 AS touched`,
    );
    this.#delete = prepared(
      'records_delete',
      `DELETE FROM ${table} WHERE writer = $1 AND seq = $2 RETURNING ${position}, 1 AS touched`,
    );
  }

  insert(seq: number, count: number): { readonly statement: Statement } {
    const seqs = Array.from({ length: count }, (_, index) => seq + index);
    const rows = seqs.map((each) => this.#record(each, 0));
    const values = [
      this.#writer,
      seqs,
      rows.map(({ checksum }) => checksum),
      rows.map(({ payload }) => payload),
      ...fields.map((_, index) => rows.map((row) => row.values[index])),
    ];
    return { statement: { ...this.#insert, values } };
  }

  update(seq: number, version: number): Statement {
    const { checksum, payload, values } = this.#record(seq, version);
    return { ...this.#update, values: [this.#writer, seq, version, checksum, payload, ...values] };
  }

  delete(seq: number): Statement {
    return { ...this.#delete, values: [this.#writer, seq] };
  }

  #record(seq: number, version: number): Record {
    const row = { seed: this.#context.seed, writer: this.#writer, seq, version };
    return recordOf(row, payloadBytesOf(row, this.#context));
  }
}
