import { z } from 'zod';
import type { Invariant, Reader, WitnessWorkload, WorkloadContext } from '../contracts/workload.ts';
import { opening, TransferWriter, type BankContext } from './bank/writer.ts';
import { plain, tableIn } from './support/sql.ts';

const params = z.strictObject({
  accounts: z
    .int()
    .min(2)
    .max(100_000)
    .default(100)
    .describe('Workload bank: accounts that money moves between.'),
});
export type BankParams = z.infer<typeof params>;

/**
 * Transfers between accounts, each a transaction of two updates and two entries: the total never changes.
 * Shape: tables `account` and `entry` in the run's schema.
 */
const bank: WitnessWorkload<BankParams> = {
  tracking: 'witness',
  summary:
    'money moved between accounts in transactions; the total never changes, for readers either',
  params,
  uses: [],
  setup: ({ schema, params: { accounts } }) => [
    plain(
      `CREATE TABLE ${tableIn(schema, 'account')} (id int PRIMARY KEY, balance bigint NOT NULL)`,
    ),
    plain(
      `INSERT INTO ${tableIn(schema, 'account')} SELECT id, ${opening} FROM generate_series(1, ${accounts}) AS id`,
    ),
    plain(
      `CREATE TABLE ${tableIn(schema, 'entry')} (
         writer int, seq int, account int REFERENCES ${tableIn(schema, 'account')}, amount bigint NOT NULL,
         PRIMARY KEY (writer, seq, account))`,
    ),
  ],
  writer: (writer, context) => new TransferWriter(writer, context),
  invariants,
  reader,
};

export default bank;

function invariants({ schema, params: { accounts } }: BankContext): readonly Invariant[] {
  const [account, entry, witness] = ['account', 'entry', 'witness'].map((name) =>
    tableIn(schema, name),
  );
  return [
    {
      name: 'money',
      says: 'transfers neither make nor destroy money',
      statement: plain(
        `SELECT count(*)::int AS accounts, sum(balance)::text AS found, ${accounts * opening} AS expected
           FROM ${account} HAVING sum(balance) IS DISTINCT FROM ${accounts * opening}`,
      ),
    },
    {
      name: 'whole-transfers',
      says: 'a witnessed transfer has its two entries, and no entry is without a witness',
      statement: plain(
        `SELECT writer, seq, count(account)::int AS entries FROM ${witness} FULL JOIN ${entry} USING (writer, seq)
          GROUP BY writer, seq HAVING count(account) <> 2 OR count(version) <> 2 OR sum(amount) <> 0`,
      ),
    },
    {
      name: 'balances',
      says: 'each balance is what was paid in and the sum of its entries',
      statement: plain(
        `SELECT id, balance::text AS found, (${opening} + coalesce(sum(amount), 0))::text AS expected
           FROM ${account} LEFT JOIN ${entry} ON account = id
          GROUP BY id HAVING balance <> ${opening} + coalesce(sum(amount), 0)`,
      ),
    },
  ];
}

/** Asks every node in turn, whatever its role; the check `wrongReads` counts the totals that are wrong. */
function reader(
  _reader: number,
  { schema, params: { accounts } }: WorkloadContext<BankParams>,
): Reader {
  const text = `SELECT sum(balance)::text AS found FROM ${tableIn(schema, 'account')}`;
  return {
    next: () => ({
      name: 'total',
      on: 'any',
      statement: { name: 'bank_total', text, values: [] },
      keep: ([row]) => ({ found: String(row?.found), expected: String(accounts * opening) }),
    }),
  };
}
