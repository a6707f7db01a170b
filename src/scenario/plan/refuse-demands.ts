import type { Scenario } from '../../contracts/scenario.ts';
import type { Refusals } from './refusals.ts';

/** Refuses each demand, of `expect` and its conditions, that something speaks against. */
export function refuseDemands(
  { expect, expectWhen = [] }: Pick<Scenario, 'expect' | 'expectWhen'>,
  refusals: Refusals,
  against: (check: string) => string | undefined,
): void {
  const blocks = [
    { path: 'expect', demands: expect },
    ...expectWhen.map(({ demands }, index) => ({ path: `expect.when.${index}`, demands })),
  ];
  for (const { path, demands } of blocks) {
    for (const name of Object.keys(demands)) {
      const what = against(name);
      if (what !== undefined) refusals.add(`${path}.${name}`, what);
    }
  }
}
