import type { Outcome } from '../../contracts/evidence.ts';
import type {
  Statement,
  Transaction,
  TransactionWriter,
  WorkloadContext,
} from '../../contracts/workload.ts';
import { seededRandom } from '../../std/random.ts';
import { prepared, tableIn } from '../support/sql.ts';

export type BankContext = WorkloadContext<{ readonly accounts: number }>;

/** What every account begins with. */
export const opening = 1_000_000;
const mostPerTransfer = 100;

/** Moves a random amount between two accounts, the lower number first, so that two transfers cannot deadlock. */
export class TransferWriter implements TransactionWriter {
  readonly #writer: number;
  readonly #accounts: number;
  readonly #random: () => number;
  readonly #update: Statement;
  readonly #entry: Statement;
  #seq = 0;

  constructor(writer: number, { schema, seed, params }: BankContext) {
    this.#writer = writer;
    this.#accounts = params.accounts;
    this.#random = seededRandom(seed, `bank writer ${writer}`);
    const account = tableIn(schema, 'account');
    this.#update = prepared(
      'bank_update',
      `UPDATE ${account} SET balance = balance + $1 WHERE id = $2`,
    );
    this.#entry = prepared(
      'bank_entries',
      `INSERT INTO ${tableIn(schema, 'entry')} (writer, seq, account, amount)
       VALUES ($1, $2, $3, $5), ($1, $2, $4, -$5::bigint)`,
    );
  }

  next(): Transaction {
    const seq = this.#seq++;
    const first = 1 + this.#below(this.#accounts);
    const other = 1 + ((first + this.#below(this.#accounts - 1)) % this.#accounts);
    const [low, high] = [Math.min(first, other), Math.max(first, other)];
    const amount = (1 + this.#below(mostPerTransfer)) * (this.#random() < 0.5 ? -1 : 1);
    // An account that a statement does not find would make half a transfer.
    const touches = [1, 1] as const;
    return {
      seq,
      statements: [
        { ...this.#update, values: [amount, low], touches },
        { ...this.#update, values: [-amount, high], touches },
        { ...this.#entry, values: [this.#writer, seq, low, high, amount] },
      ],
    };
  }

  settle(_transaction: Transaction, _outcome: Outcome): void {
    // Nothing to remember: the next transfer does not depend on what became of this one.
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
