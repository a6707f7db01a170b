import { blockRows, blockShift } from '../evidence/readback/digest.ts';
import { amongKeys, choose, upTo, withKeys } from './damage.ts';
import type { Damage, Planted, Row, Stage } from './damage.ts';
import { versionsText, type Finding } from './findings.ts';

/** Acknowledged rows are deleted: each is lost, with every update that was acknowledged for it. */
export const deleteRows: readonly Damage[] = [
  {
    name: 'first rows',
    where: 'primary',
    plan: (stage) => {
      const firsts = byWriter(stage).flatMap((rows) => rows.slice(0, 1));
      return deletion(stage, firsts, 'the first row of each writer');
    },
  },
  {
    name: 'last rows',
    where: 'primary',
    plan: (stage) => {
      const count = upTo(5, stage.random);
      const lasts = byWriter(stage).flatMap((rows) => rows.slice(-count));
      return deletion(stage, lasts, `the last ${count} of each writer`);
    },
  },
  {
    name: 'scattered rows',
    where: 'primary',
    plan: (stage) => deletion(stage, choose(stage.rows, 37, stage.random), 'scattered'),
  },
  {
    name: 'a whole block',
    where: 'primary',
    plan: (stage) => {
      const blocks = Map.groupBy(stage.rows, ({ writer, seq }) => `${writer} ${seq >> blockShift}`);
      const whole = [...blocks.values()].filter(({ length }) => length === blockRows);
      const [block = []] = choose(whole, 1, stage.random);
      return deletion(stage, block, 'a whole block of the read-back');
    },
  },
];

export function deletion({ table }: Stage, rows: readonly Row[], which: string): Planted {
  const updates = rows.reduce((sum, { version }) => sum + version, 0);
  return {
    what: `delete ${rows.length} rows with ${updates} updates, ${which}`,
    statements: [withKeys(`DELETE FROM ${table} WHERE ${amongKeys}`, rows)],
    touched: rows,
    changes: { lost: rows.length + updates, durable: -rows.length - updates },
    findings: rows.flatMap(lostRow),
  };
}

function lostRow({ writer, seq, version }: Row): readonly Finding[] {
  const row = { writer, from: seq, to: seq };
  const insert = { kind: 'lost insert', ...row };
  if (version === 0) return [insert];
  return [insert, { kind: 'lost update', ...row, detail: versionsText(1, version) }];
}

function byWriter({ rows }: Stage): readonly (readonly Row[])[] {
  return [...Map.groupBy(rows, ({ writer }) => writer).values()];
}
