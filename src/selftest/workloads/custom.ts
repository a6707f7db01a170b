import type { Damage } from '../damage.ts';
import { changedNumber, deletedRows, noRows } from './rows-of-users.ts';
import { damageWitnesses } from './witnesses.ts';

/** Of the application in scenarios/sql/payments.sql. */
export const damageCustom: readonly Damage[] = [
  ...damageWitnesses('whole'),
  {
    name: 'a payment gone',
    where: 'primary',
    plan: ({ schema }) => ({
      ...noRows,
      what: 'delete a payment of the application',
      ...deletedRows(
        { schema, table: `${schema}.payment` },
        `(client, number) = (SELECT client, number FROM ${schema}.payment WHERE payer <> payee
           ORDER BY client, number LIMIT 1)`,
      ),
      broken: ['whole', 'balances'],
    }),
  },
  {
    name: 'a balance of the application changed',
    where: 'primary',
    plan: ({ schema }) => ({
      ...noRows,
      what: "take 1 from an account of the application's",
      ...changedNumber(`${schema}.account`, 'balance', { by: -1, where: 'id = 5' }),
      broken: ['money', 'balances'],
    }),
  },
];
