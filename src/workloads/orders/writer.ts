import type { Outcome } from '../../contracts/evidence.ts';
import type {
  Statement,
  Transaction,
  TransactionWriter,
  WorkloadContext,
} from '../../contracts/workload.ts';
import { seededRandom } from '../../std/random.ts';
import { payloadBytesOf, sealedPayload } from '../support/payload.ts';
import { prepared, tableIn } from '../support/sql.ts';

type Context = WorkloadContext<{ readonly lines: number }>;

const items = 1000;
const mostPrice = 10_000;

/** One order after the other: its head first, then all of its lines in one statement. */
export class OrderWriter implements TransactionWriter {
  readonly #writer: number;
  readonly #context: Context;
  readonly #random: () => number;
  readonly #head: Statement;
  readonly #lines: Statement;
  #seq = 0;

  constructor(writer: number, context: Context) {
    this.#writer = writer;
    this.#context = context;
    this.#random = seededRandom(context.seed, `orders writer ${writer}`);
    const { schema } = context;
    this.#head = prepared(
      'orders_head',
      `INSERT INTO ${tableIn(schema, 'purchase')} (writer, seq, lines, total, note)
       VALUES ($1, $2, $3, $4, $5)`,
    );
    this.#lines = prepared(
      'orders_lines',
      `INSERT INTO ${tableIn(schema, 'line')} (writer, seq, line, item, price)
       SELECT $1, $2, line, item, price
         FROM unnest($3::int[], $4::bigint[]) WITH ORDINALITY AS row (item, price, line)`,
    );
  }

  next(): Transaction {
    const seq = this.#seq++;
    const count = 1 + this.#below(this.#context.params.lines);
    const lines = Array.from({ length: count }, () => this.#below(items));
    const prices = lines.map(() => 1 + this.#below(mostPrice));
    const total = prices.reduce((sum, price) => sum + price, 0);
    const row = { seed: this.#context.seed, writer: this.#writer, seq, version: 0 };
    const note = sealedPayload(row, payloadBytesOf(row, this.#context)).payload;
    return {
      seq,
      statements: [
        { ...this.#head, values: [this.#writer, seq, count, total, note] },
        { ...this.#lines, values: [this.#writer, seq, lines, prices] },
      ],
    };
  }

  settle(_transaction: Transaction, _outcome: Outcome): void {
    // Nothing to remember: the next order does not depend on what became of this one.
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
