import { blockRows, blockShift } from '../evidence/readback/digest.ts';
import { choose, plain, withKeys, amongKeys, type Damage, type Stage } from './damage.ts';
import { deletion } from './delete-rows.ts';
import { partitions } from './prepare.ts';

/** The rows exist, but the table does not show them: no loss, but not healthy either. */
export const breakTable: readonly Damage[] = [
  {
    name: 'a detached partition',
    where: 'primary',
    plan: ({ table, random }) => {
      const [remainder = 0] = choose([...Array(partitions).keys()], 1, random);
      const partition = `ledger_${remainder}`;
      const qualified = `${table.slice(0, table.lastIndexOf('.'))}.${partition}`;
      const bound = `FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${remainder})`;
      return {
        what: 'detach a partition',
        statements: [plain(`ALTER TABLE ${table} DETACH PARTITION ${qualified}`)],
        touched: [],
        afterwards: [plain(`ALTER TABLE ${table} ATTACH PARTITION ${qualified} ${bound}`)],
        changes: {},
        findings: [],
        structure: [partition],
      };
    },
  },
  {
    // One row is really deleted, so the block is read by key, and the index hides rows that exist.
    name: 'a damaged index',
    where: 'primary',
    plan: (stage) => {
      const [gone, ...hidden] = rowsOfOneBlock(stage, 6);
      const lost = deletion(stage, gone ? [gone] : [], '');
      const { table } = stage;
      return {
        what: `hide ${hidden.length} rows from their index, and delete 1 beside them`,
        statements: [
          ...lost.statements,
          plain('CREATE TEMPORARY TABLE hidden (LIKE ' + table + ') ON COMMIT DROP'),
          withKeys(`INSERT INTO hidden SELECT * FROM ${table} WHERE ${amongKeys}`, hidden),
          withKeys(`DELETE FROM ${table} WHERE ${amongKeys}`, hidden),
          takesEntries(table, false),
          plain(`INSERT INTO ${table} SELECT * FROM hidden`),
          takesEntries(table, true),
        ],
        touched: [...lost.touched, ...hidden],
        beforehand: reindex(table),
        changes: lost.changes,
        findings: lost.findings,
        structure: ['ledger'],
      };
    },
  },
];

/** Never updated, so that one lost row is one lost write. */
function rowsOfOneBlock({ rows, random }: Stage, count: number) {
  const fresh = rows.filter(({ version }) => version === 0);
  const blocks = Map.groupBy(fresh, ({ writer, seq }) => `${writer} ${seq >> blockShift}`);
  const full = [...blocks.values()].filter(({ length }) => length > blockRows / 2);
  const [block = []] = choose(full, 1, random);
  return choose(block, count, random);
}

/** An index that is not ready for inserts gets no entry for a row, but is still used for reads. */
function takesEntries(table: string, isReady: boolean) {
  return plain(`UPDATE pg_index SET indisready = ${isReady} WHERE indrelid IN
    (SELECT relid FROM pg_partition_tree('${table}') WHERE isleaf)`);
}

function reindex(table: string) {
  const schema = table.slice(0, table.lastIndexOf('.'));
  const indexes = Array.from({ length: partitions }, (_, n) => `${schema}.ledger_${n}_pkey`);
  return indexes.map((index) => plain(`REINDEX INDEX ${index}`));
}
