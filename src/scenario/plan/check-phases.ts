import type { Scenario } from '../../contracts/scenario.ts';
import { suggestion } from '../../std/suggest.ts';
import { isStepOf } from '../../std/units/units.ts';
import type { Refusals } from './refusals.ts';

/** Refuses demands on a phase of a fault that the scenario does not have. */
export function checkPhases(
  { expectPhases = [], faults }: Pick<Scenario, 'expectPhases' | 'faults'>,
  refusals: Refusals,
): void {
  const ids = faults.flatMap(({ id, repeat }) => [
    id,
    ...Array.from({ length: repeat?.times ?? 0 }, (_, turn) => `${id}.${turn + 1}`),
  ]);
  expectPhases.forEach(({ phase }, index) => {
    if (ids.some((id) => isStepOf(id, phase))) return;
    const what = `there is no fault with the id '${phase.step}'${suggestion(phase.step, ids)}`;
    refusals.add(`expect.phases.${index}.${phase.edge}`, what);
  });
}
