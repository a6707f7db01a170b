import type { ScenarioRegistry } from '../contracts/registry.ts';
import type { Plan } from '../contracts/scenario.ts';
import { ScenarioError } from '../std/errors.ts';
import { Findings } from './parse/collect-problems.ts';
import { isMapping } from './parse/mapping.ts';
import { parseExpect } from './parse/parse-expect.ts';
import { allPositions, parseYaml, valuesOf } from './parse/parse-yaml.ts';
import { scenarioErrorOf } from './parse/problems.ts';
import { checkPhases } from './plan/check-phases.ts';
import { Refusals } from './plan/refusals.ts';
import { shippedFolder } from './read.ts';
import { readNamedFile } from './words/find-file.ts';

/**
 * A stored plan with the `expect` of a scenario, or of a file that has nothing else, in place of its own.
 * Errors: ScenarioError when there is no such file, and for all problems of its demands.
 */
export async function withDemandsOf(
  nameOrPath: string,
  plan: Plan,
  registry: ScenarioRegistry,
): Promise<Plan> {
  const named = { kind: 'scenario', folder: shippedFolder } as const;
  const { text, shown } = await readNamedFile(nameOrPath, named);
  const yaml = parseYaml(text, shown);
  const raw = valuesOf(yaml);
  if (!isMapping(raw) || raw.expect === undefined) {
    throw new ScenarioError(`${shown}: has no \`expect:\` with demands`);
  }
  const found = new Findings();
  const demands = parseExpect(raw.expect, registry, found);
  if (found.problems.length > 0) throw scenarioErrorOf(found.problems, yaml);
  const { expect: _, expectWhen: __, expectPhases: ___, ...scenario } = plan.scenario;
  const asked = { ...scenario, ...demands };
  const refusals = new Refusals({ ...asked, file: shown, positions: allPositions(yaml) });
  checkPhases(asked, refusals);
  refusals.throwIfAny();
  return { ...plan, scenario: asked };
}
