import type { Damage } from '../damage.ts';
import { changedNumber, deletedRows, noRows } from './rows-of-users.ts';
import { damageWitnesses } from './witnesses.ts';

/** Of the application in scenarios/sql/payments.sql, whose tables are in `public`. */
export const damageCustom: readonly Damage[] = [
  ...damageWitnesses('whole'),
  {
    name: 'a payment gone',
    where: 'primary',
    plan: ({ schema }) => ({
      ...noRows,
      what: 'delete a payment of the application',
      ...deletedRows(
        { schema, table: 'public.payment' },
        `(client, number) = (SELECT client, number FROM public.payment WHERE payer <> payee
           ORDER BY client, number LIMIT 1)`,
      ),
      broken: ['whole', 'balances'],
    }),
  },
  {
    name: 'a balance of the application changed',
    where: 'primary',
    plan: () => ({
      ...noRows,
      what: "take 1 from an account of the application's",
      ...changedNumber('public.account', 'balance', { by: -1, where: 'id = 5' }),
      broken: ['money', 'balances'],
    }),
  },
];
