import type { Statement, WorkloadContext } from '../../contracts/workload.ts';
import { payloadBytesOf, sealedPayload } from '../support/payload.ts';
import type { RowStatements } from '../support/row-writer.ts';
import type { LedgerParams } from './params.ts';
import { ledgerStatements, type LedgerStatements } from './statements.ts';

/** The statements of one writer, with the content of its rows. */
export class LedgerRows implements RowStatements {
  readonly #writer: number;
  readonly #context: WorkloadContext<LedgerParams>;
  readonly #statements: LedgerStatements;

  constructor(writer: number, context: WorkloadContext<LedgerParams>) {
    this.#writer = writer;
    this.#context = context;
    this.#statements = ledgerStatements(context);
  }

  insert(seq: number, count: number): { readonly statement: Statement } {
    const { insert, insertMany } = this.#statements;
    if (count === 1) {
      const { payload, checksum } = this.#seal(seq, 0);
      return { statement: { ...insert, values: [this.#writer, seq, checksum, payload] } };
    }
    const seqs = Array.from({ length: count }, (_, index) => seq + index);
    const rows = seqs.map((each) => this.#seal(each, 0));
    const checksums = rows.map(({ checksum }) => checksum);
    const payloads = rows.map(({ payload }) => payload);
    return { statement: { ...insertMany, values: [this.#writer, seqs, checksums, payloads] } };
  }

  update(seq: number, version: number): Statement {
    const { payload, checksum } = this.#seal(seq, version);
    const values = [this.#writer, seq, version, checksum, payload];
    return { ...this.#statements.update, values };
  }

  delete(seq: number): Statement {
    return { ...this.#statements.delete, values: [this.#writer, seq] };
  }

  #seal(seq: number, version: number) {
    const row = { seed: this.#context.seed, writer: this.#writer, seq, version };
    return sealedPayload(row, payloadBytesOf(row, this.#context));
  }
}
