import { setVersion } from '../change-rows.ts';
import { choose, plain, type Damage } from '../damage.ts';
import { deletion } from '../delete-rows.ts';
import { versionsText } from '../findings.ts';
import { changedNumber, deletedRows, noRows } from './rows-of-users.ts';

export const damageRecords: readonly Damage[] = [
  {
    name: 'records gone',
    where: 'primary',
    plan: (stage) => deletion(stage, choose(stage.rows, 5, stage.random), 'scattered'),
  },
  {
    name: 'an older version of a record',
    where: 'primary',
    plan: (stage) => {
      const updated = stage.rows.filter(({ version }) => version > 0);
      const [row] = choose(updated, 1, stage.random);
      if (!row) throw new RangeError('no record was updated');
      const { writer, seq, version } = row;
      return {
        what: 'set a record back by 1 version',
        statements: [setVersion(stage, row, version - 1)],
        touched: [row],
        changes: { lostUpdates: 1, durable: -1 },
        findings: [
          {
            kind: 'lost update',
            writer,
            from: seq,
            to: seq,
            detail: versionsText(version, version),
          },
        ],
      };
    },
  },
  {
    // The content and its checksum stay as they are.
    name: 'a column of a record changed',
    where: 'primary',
    plan: ({ table, rows, random }) => {
      const [row] = choose(rows, 1, random);
      const where = `writer = ${row?.writer} AND seq = ${row?.seq}`;
      return {
        ...noRows,
        what: 'change the age in a record',
        ...changedNumber(table, 'age', { by: 1, where }),
        broken: ['columns'],
      };
    },
  },
  {
    name: 'a record of before the load gone',
    where: 'primary',
    plan: ({ schema, table }) => ({
      ...noRows,
      what: 'delete a record that was there before the load',
      ...deletedRows({ schema, table }, 'writer = -1 AND seq = 7'),
      broken: ['seed-rows'],
    }),
  },
  {
    name: 'the content of a record changed',
    where: 'primary',
    plan: ({ table, rows, random }) => {
      const [row] = choose(rows, 1, random);
      const where = `writer = ${row?.writer} AND seq = ${row?.seq}`;
      return {
        what: 'append a letter to the content of 1 record',
        statements: [plain(`UPDATE ${table} SET payload = payload || 'x' WHERE ${where}`)],
        touched: row ? [row] : [],
        changes: { corrupted: 1 },
        findings: row
          ? [{ kind: 'corrupted', writer: row.writer, from: row.seq, to: row.seq }]
          : [],
        isEverywhere: true,
      };
    },
  },
];
