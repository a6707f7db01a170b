import { choose, type Damage } from '../damage.ts';
import { changedNumber, deletedRows, noRows } from './rows-of-users.ts';
import { damageWitnesses } from './witnesses.ts';

export const damageOrders: readonly Damage[] = [
  ...damageWitnesses('witnessed-orders'),
  {
    name: 'an order without one of its lines',
    where: 'primary',
    plan: ({ schema, rows, random }) => {
      const [row] = choose(rows, 1, random);
      return {
        ...noRows,
        what: 'delete one line of an order',
        ...deletedRows(
          { schema, table: `${schema}.line` },
          `writer = ${row?.writer} AND seq = ${row?.seq} AND line = 1`,
        ),
        broken: ['whole-orders'],
      };
    },
  },
  {
    name: 'lines without their order',
    where: 'primary',
    plan: ({ schema, rows, random }) => {
      const [row] = choose(rows, 1, random);
      return {
        ...noRows,
        what: 'delete an order behind the back of its lines',
        ...deletedRows(
          { schema, table: `${schema}.purchase` },
          `writer = ${row?.writer} AND seq = ${row?.seq}`,
        ),
        broken: ['witnessed-orders', 'orders-of-lines'],
      };
    },
  },
  {
    name: 'a price changed',
    where: 'primary',
    plan: ({ schema, rows, random }) => {
      const [row] = choose(rows, 1, random);
      const where = `writer = ${row?.writer} AND seq = ${row?.seq} AND line = 1`;
      return {
        ...noRows,
        what: 'change the price of a line',
        ...changedNumber(`${schema}.line`, 'price', { by: 1, where }),
        broken: ['whole-orders'],
      };
    },
  },
];
