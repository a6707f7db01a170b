import { describe, expect, test } from 'vitest';
import { loadRegistry } from '../../../../src/registry.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../../src/scenario/plan/plan.ts';
import { scenarioText } from '../../../helpers/scenario-registry.ts';

const registry = await loadRegistry();

function planned(more: string, text = scenarioText(more)) {
  const scenario = parseScenario(text, { file: 'x.yaml', registry });
  return planScenario(scenario, { seed: 1, backend: 'local', registry });
}

describe('a hint', () => {
  test.each([
    ['faults: [{ at: 1s, fault: kill-node, target: primary }]', "did you mean 'leader'"],
    ['faults: [{ at: 1s, fault: kill-node, target: standby }]', "did you mean 'replica'"],
    ['verifi: { amcheck: true }', "did you mean 'verify'"],
    ['durration: 30s', "did you mean 'load.duration'"],
    ['sinchronous: on', "did you mean 'cluster.synchronous'"],
    ['scope: a\nrestapi: { listen: x }\nbootstrap: { dcs: { ttl: 30 } }', "Patroni's own file"],
  ])('suggests the intended name: %s', (more, hint) => {
    expect(() => planned(more)).toThrow(hint);
  });

  test.each([
    ['data_loss', 'lost'],
    ['errors', 'errorRate'],
    ['downtime', 'outage'],
  ])('names the check to use: expect.%s', (name, check) => {
    const text = `name: x\nclaim: y\nload: { duration: 30s }\nexpect: { ${name}: 0 }\n`;
    expect(() => planned('', text)).toThrow(
      `there is no check '${name}'; did you mean '${check}'?`,
    );
  });

  test('names only existing fault ids', () => {
    const failing = () => planned('faults: [{ at: 1s, fault: kill-node, target: whatever }]');
    expect(failing).toThrow(/unknown target 'whatever'/);
    expect(failing).not.toThrow(/cut#1/);
  });
});

test('a noop needs no target, and may have one', () => {
  const steps = planned(
    'faults: [{ at: 1s, fault: noop }, { at: 2s, fault: noop, target: leader }]',
  );
  expect(steps.scenario.faults.map(({ target }) => target)).toEqual(['none', 'leader']);
});
