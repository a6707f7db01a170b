import { following, insertion } from './add-rows.ts';
import { flipBit, setVersion } from './change-rows.ts';
import { choose, upTo, type Damage, type Key } from './damage.ts';
import { deletion } from './delete-rows.ts';
import type { Finding } from './findings.ts';

/** One replica diverges. Every write keeps its fate; only that replica differs. */
export const damageReplica: readonly Damage[] = [
  {
    name: 'rows missing on a replica',
    where: 'replica',
    plan: (stage) => {
      const rows = choose(stage.rows, 10 + upTo(20, stage.random), stage.random);
      const { statements } = deletion(stage, rows, '');
      const what = `delete ${rows.length} rows on a promoted replica`;
      return { what, statements, touched: rows, changes: {}, findings: named('missing', rows) };
    },
  },
  {
    name: 'rows only on a replica',
    where: 'replica',
    plan: (stage) => {
      const rows = stage.next.flatMap((next) => following(next, 2));
      const what = `insert ${rows.length} rows on a promoted replica`;
      const statements = [insertion(stage, rows)];
      return { what, statements, touched: rows, changes: {}, findings: named('extra', rows) };
    },
  },
  {
    name: 'a flipped bit on a replica',
    where: 'replica',
    plan: (stage) => {
      const rows = choose(stage.rows, 2, stage.random);
      const what = `flip one bit in ${rows.length} rows on a promoted replica`;
      const statements = [flipBit(stage, rows)];
      return { what, statements, touched: rows, changes: {}, findings: named('corrupted', rows) };
    },
  },
  {
    name: 'older versions on a replica',
    where: 'replica',
    plan: (stage) => {
      const updated = stage.rows.filter(({ version }) => version > 0);
      const rows = choose(updated, 2, stage.random);
      const what = `set ${rows.length} rows back on a promoted replica`;
      const statements = rows.map((row) => setVersion(stage, row, row.version - 1));
      return { what, statements, touched: rows, changes: {}, findings: named('stale', rows) };
    },
  },
];

function named(kind: string, rows: readonly Key[]): readonly Finding[] {
  return rows.map(({ writer, seq }) => ({ kind, writer, from: seq, to: seq }));
}
