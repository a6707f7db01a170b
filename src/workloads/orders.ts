import { z } from 'zod';
import type { Invariant, WitnessWorkload, WorkloadContext } from '../contracts/workload.ts';
import { OrderWriter } from './orders/writer.ts';
import { plain, tableIn } from './support/sql.ts';

const params = z.strictObject({
  lines: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('Workload orders: an order has 1 to this many lines.'),
});
type Params = z.infer<typeof params>;

/**
 * Orders with their lines, in two tables with a foreign key, each order in one transaction.
 * Shape: tables `purchase` and `line` in the run's schema. `purchase` has the number of its lines and their sum.
 */
const orders: WitnessWorkload<Params> = {
  tracking: 'witness',
  summary: 'an order and its lines in two tables with a foreign key: half an order is a finding',
  params,
  uses: ['payload'],
  setup: ({ schema }) => [
    plain(
      `CREATE TABLE ${tableIn(schema, 'purchase')} (
         writer int, seq int, lines int NOT NULL, total bigint NOT NULL, note text NOT NULL,
         PRIMARY KEY (writer, seq))`,
    ),
    plain(
      `CREATE TABLE ${tableIn(schema, 'line')} (
         writer int, seq int, line int, item int NOT NULL, price bigint NOT NULL,
         PRIMARY KEY (writer, seq, line),
         FOREIGN KEY (writer, seq) REFERENCES ${tableIn(schema, 'purchase')})`,
    ),
  ],
  writer: (writer, context) => new OrderWriter(writer, context),
  invariants,
};

export default orders;

function invariants({ schema }: WorkloadContext<Params>): readonly Invariant[] {
  const [purchase, line, witness] = ['purchase', 'line', 'witness'].map((name) =>
    tableIn(schema, name),
  );
  return [
    {
      name: 'witnessed-orders',
      says: 'a witnessed transaction has its order, and no order is without a witness',
      statement: plain(
        `SELECT writer, seq, lines FROM ${witness} FULL JOIN ${purchase} USING (writer, seq)
          WHERE version IS NULL OR lines IS NULL`,
      ),
    },
    {
      name: 'whole-orders',
      says: 'an order has as many lines as it says, with the total that it says',
      statement: plain(
        `SELECT writer, seq, lines, count(line)::int AS found FROM ${purchase} LEFT JOIN ${line} USING (writer, seq)
          GROUP BY writer, seq
         HAVING count(line) <> lines OR coalesce(sum(price), 0) <> total`,
      ),
    },
    {
      // The foreign key promises it; damage does not ask.
      name: 'orders-of-lines',
      says: 'no line is without its order',
      statement: plain(
        `SELECT writer, seq, line FROM ${line} WHERE NOT EXISTS (SELECT FROM ${purchase} AS whole
           WHERE whole.writer = line.writer AND whole.seq = line.seq)`,
      ),
    },
  ];
}
