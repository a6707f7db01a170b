import { loadRegistry } from '../../src/registry.ts';
import { messageOf } from '../../src/std/errors.ts';
import { parseScenario } from '../../src/scenario/parse/parse.ts';
import { planScenario } from '../../src/scenario/plan/plan.ts';

const registry = await loadRegistry();

/** The planner's refusal of these steps on local; undefined: none. */
export function refusalOfSteps(steps: readonly string[], cluster = '{}'): string | undefined {
  const text = `name: x
claim: It holds.
cluster: ${cluster}
load: { duration: 30s }
faults: [${steps.map((step) => `{ ${step} }`).join(', ')}]
expect: { lost: 0 }
`;
  try {
    const scenario = parseScenario(text, { file: 'x.yaml', registry });
    planScenario(scenario, { seed: 1, backend: 'local', registry });
  } catch (error) {
    return messageOf(error);
  }
  return undefined;
}
