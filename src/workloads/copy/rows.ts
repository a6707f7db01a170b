import type { Operation, Statement, WorkloadContext } from '../../contracts/workload.ts';
import { payloadBytesOf, type PayloadSize, sealedPayload } from '../support/payload.ts';
import type { RowStatements } from '../support/row-writer.ts';
import { plain, prepared, tableIn } from '../support/sql.ts';
import { position } from '../../pg/position.ts';

/** COPY answers with a number of rows and nothing else: the statement after it takes the position, in the same transaction. */
export class CopiedRows implements RowStatements {
  readonly #writer: number;
  readonly #context: PayloadSize & { readonly seed: number };
  readonly #copy: Statement;
  readonly #position: Statement;

  constructor(writer: number, context: WorkloadContext<unknown>, table: string) {
    this.#writer = writer;
    this.#context = context;
    const columns = 'writer, seq, version, checksum, payload';
    this.#copy = plain(`COPY ${tableIn(context.schema, table)} (${columns}) FROM STDIN`);
    this.#position = prepared('copy_position', `SELECT ${position}, $1::int AS touched`);
  }

  insert(seq: number, count: number): Pick<Operation, 'statement' | 'before'> {
    const lines = Array.from({ length: count }, (_, index) => this.#line(seq + index));
    const copied = Buffer.from(lines.join(''), 'latin1');
    return {
      before: [{ ...this.#copy, copied, touches: [count, count] }],
      statement: { ...this.#position, values: [count] },
    };
  }

  update(): never {
    throw new RangeError('COPY only inserts');
  }

  delete(): never {
    throw new RangeError('COPY only inserts');
  }

  /** In COPY's text format: the content has no character that it would have to escape. */
  #line(seq: number): string {
    const row = { seed: this.#context.seed, writer: this.#writer, seq, version: 0 };
    const { payload, checksum } = sealedPayload(row, payloadBytesOf(row, this.#context));
    return `${this.#writer}\t${seq}\t0\t${checksum}\t${payload}\n`;
  }
}
