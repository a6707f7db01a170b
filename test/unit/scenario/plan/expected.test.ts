import { expect, test } from 'vitest';
import { loadRegistry } from '../../../../src/registry.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../../src/scenario/plan/plan.ts';

const registry = await loadRegistry();

function stepOf(step: string) {
  const text = `name: x
claim: It holds.
load: { duration: 30s }
faults: [{ at: 1s, ${step} }]
expect: { lost: 0 }
`;
  const scenario = parseScenario(text, { file: 'x.yaml', registry });
  return planScenario(scenario, { seed: 1, backend: 'local', registry }).scenario.faults[0];
}

test('a step that Patroni can refuse says what it expects, and nothing where that is the usual', () => {
  expect(stepOf('fault: switchover, expect: refused')).toMatchObject({ expected: 'refused' });
  expect(stepOf('fault: failover, candidate: pg2, expect: either')).toMatchObject({
    expected: 'either',
  });
  expect(stepOf('fault: switchover, expect: done')).not.toHaveProperty('expected');
});

test('a step of which nothing can be refused expects no refusal', () => {
  expect(() => stepOf('fault: kill-node, target: leader, expect: refused')).toThrow(
    'x.yaml:4:62: faults[0].expect: kill-node asks for nothing that could be refused',
  );
  expect(() => stepOf('fault: switchover, expect: refuse')).toThrow('faults[0].expect');
});
