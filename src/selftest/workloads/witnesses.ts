import { following, insertion } from '../add-rows.ts';
import { choose, type Damage } from '../damage.ts';
import { deletion } from '../delete-rows.ts';

/** `invariant`: what ties a workload's own rows to the witness rows. */
export function damageWitnesses(invariant: string): readonly Damage[] {
  return [
    {
      name: 'missing witness rows',
      where: 'primary',
      plan: (stage) => {
        const rows = choose(stage.rows, 3, stage.random);
        const planted = deletion(stage, rows, 'of the witness');
        return { ...planted, broken: [invariant] };
      },
    },
    {
      name: 'witness rows of no transaction',
      where: 'primary',
      plan: (stage) => {
        const rows = stage.next.flatMap((next) => following(next, 1));
        return {
          what: `insert ${rows.length} witness rows of transactions that were never sent`,
          statements: [insertion(stage, rows)],
          touched: rows,
          changes: { unexpected: rows.length },
          findings: rows.map(({ writer, seq }) => {
            return { kind: 'unexpected', writer, from: seq, to: seq, detail: 'neverSent' };
          }),
          broken: [invariant],
        };
      },
    },
  ];
}
