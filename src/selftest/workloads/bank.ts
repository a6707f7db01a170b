import { choose, type Damage } from '../damage.ts';
import { changedNumber, deletedRows, noRows } from './rows-of-users.ts';
import { damageWitnesses } from './witnesses.ts';

export const damageBank: readonly Damage[] = [
  ...damageWitnesses('whole-transfers'),
  {
    name: 'half a transfer',
    where: 'primary',
    plan: ({ schema, rows, random }) => {
      const [row] = choose(rows, 1, random);
      const table = `${schema}.entry`;
      const first = `(SELECT min(account) FROM ${table} WHERE writer = ${row?.writer} AND seq = ${row?.seq})`;
      return {
        ...noRows,
        what: 'delete one of the two entries of a transfer',
        ...deletedRows(
          { schema, table },
          `writer = ${row?.writer} AND seq = ${row?.seq} AND account = ${first}`,
        ),
        broken: ['whole-transfers', 'balances'],
      };
    },
  },
  {
    name: 'a balance changed',
    where: 'primary',
    plan: ({ schema }) => ({
      ...noRows,
      what: 'take 7 from an account',
      ...changedNumber(`${schema}.account`, 'balance', { by: -7, where: 'id = 3' }),
      broken: ['money', 'balances'],
    }),
  },
  {
    name: 'money moved by no transfer',
    where: 'primary',
    plan: ({ schema }) => ({
      ...noRows,
      what: 'move 7 between accounts without entries: the total is right',
      statements: [moved(schema, 7)],
      afterwards: [moved(schema, -7)],
      broken: ['balances'],
    }),
  },
];

function moved(schema: string, amount: number) {
  const text = `UPDATE ${schema}.account SET balance = balance + CASE id WHEN 1 THEN ${amount} ELSE ${-amount} END
    WHERE id IN (1, 2)`;
  return { text, values: [] };
}
