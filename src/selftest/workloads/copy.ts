import { flipBit } from '../change-rows.ts';
import { choose, type Damage } from '../damage.ts';
import { deletion } from '../delete-rows.ts';

export const damageCopy: readonly Damage[] = [
  {
    name: 'part of a batch gone',
    where: 'primary',
    plan: (stage) => deletion(stage, stage.rows.slice(3, 9), 'of one batch'),
  },
  {
    name: 'a flipped bit in copied rows',
    where: 'primary',
    plan: (stage) => {
      const rows = choose(stage.rows, 3, stage.random);
      return {
        what: `flip one bit in the content of ${rows.length} copied rows`,
        statements: [flipBit(stage, rows)],
        touched: rows,
        changes: { corrupted: rows.length },
        findings: rows.map(({ writer, seq }) => {
          return { kind: 'corrupted', writer, from: seq, to: seq };
        }),
        isEverywhere: true,
      };
    },
  },
];
