import {
  type Invariant,
  type Outcome,
  quoteIdentifier,
  type Reader,
  seededRandom,
  type Statement,
  type Transaction,
  type TransactionWriter,
  type WitnessWorkload,
  type WorkloadContext,
  z,
} from 'forkpoint/extension';

/** This workload's own keys in `load:`. */
const params = z.strictObject({
  accounts: z.int().min(2).max(10_000).default(100).describe('Accounts that money moves between.'),
});
type Params = z.infer<typeof params>;
type Context = WorkloadContext<Params>;

const opening = 1000;

const transfers: WitnessWorkload<Params> = {
  summary: 'money moved between accounts: the tables carry no identity, a witness row does',
  params,
  tracking: 'witness',

  // The schema, the run's marker row and the table `witness` are there already.
  setup: ({ schema, params: { accounts } }) => [
    statement(
      `CREATE TABLE ${table(schema, 'account')} (id int PRIMARY KEY, balance bigint NOT NULL)`,
    ),
    statement(
      `INSERT INTO ${table(schema, 'account')} SELECT id, ${opening} FROM generate_series(1, ${accounts}) AS id`,
    ),
    statement(
      `CREATE TABLE ${table(schema, 'entry')} (writer int, seq int, account int NOT NULL, amount bigint NOT NULL)`,
    ),
  ],

  writer: (number, context) => new TransferWriter(number, context),
  invariants: ({ schema, params: { accounts } }) => invariantsOf(schema, accounts * opening),
  reader: (_number, { schema, params: { accounts } }) => totalReader(schema, accounts * opening),
};
export default transfers;

/** Each SELECT gives one row for each breach, and none where all is well. */
function invariantsOf(schema: string, total: number): readonly Invariant[] {
  const [account, entry, witness] = ['account', 'entry', 'witness'].map((name) =>
    table(schema, name),
  );
  return [
    {
      name: 'money',
      says: 'transfers neither make nor destroy money',
      statement: statement(
        `SELECT sum(balance)::text AS found, ${total} AS expected FROM ${account}
         HAVING sum(balance) <> ${total}`,
      ),
    },
    {
      name: 'whole-transfers',
      says: 'a witnessed transfer has its two entries, and no entry is without a witness',
      statement: statement(
        `SELECT writer, seq, count(account)::int AS entries FROM ${witness}
           FULL JOIN ${entry} USING (writer, seq)
         GROUP BY writer, seq HAVING count(account) <> 2 OR count(version) <> 2`,
      ),
    },
  ];
}

/** Reads the total of every node in turn; the check `total` says what may be seen. */
function totalReader(schema: string, total: number): Reader {
  const read = statement(`SELECT sum(balance)::text AS found FROM ${table(schema, 'account')}`);
  return {
    next: () => ({
      name: 'total',
      on: 'any',
      statement: { name: 'transfers_total', ...read },
      keep: ([row]) => ({ found: String(row?.found), expected: total }),
    }),
  };
}

/** Moves a random amount between two accounts, the lower number first, so that two transfers cannot deadlock. */
class TransferWriter implements TransactionWriter {
  readonly #writer: number;
  readonly #context: Context;
  readonly #random: () => number;
  #seq = 0;

  constructor(writer: number, context: Context) {
    this.#writer = writer;
    this.#context = context;
    this.#random = seededRandom(context.seed, `transfers ${writer}`);
  }

  next(): Transaction {
    const { accounts } = this.#context.params;
    const seq = this.#seq++;
    const from = 1 + Math.floor(this.#random() * accounts);
    const to = 1 + ((from + Math.floor(this.#random() * (accounts - 1))) % accounts);
    const amount = 1 + Math.floor(this.#random() * 100);
    const moves = [
      { account: from, amount: -amount },
      { account: to, amount },
    ].sort((a, b) => a.account - b.account);
    return { seq, statements: moves.flatMap((move) => this.#move(seq, move)) };
  }

  settle(_transaction: Transaction, _outcome: Outcome): void {
    // Nothing to remember: the next transfer does not depend on what became of this one.
  }

  #move(
    seq: number,
    { account, amount }: { readonly account: number; readonly amount: number },
  ): readonly Statement[] {
    const { schema } = this.#context;
    return [
      {
        name: 'transfers_move',
        text: `UPDATE ${table(schema, 'account')} SET balance = balance + $1 WHERE id = $2`,
        values: [amount, account],
      },
      {
        name: 'transfers_entry',
        text: `INSERT INTO ${table(schema, 'entry')} (writer, seq, account, amount) VALUES ($1, $2, $3, $4)`,
        values: [this.#writer, seq, account, amount],
      },
    ];
  }
}

function table(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${name}`;
}

function statement(text: string, ...values: readonly unknown[]): Statement {
  return { text, values };
}
