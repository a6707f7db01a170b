import { expect, test } from 'vitest';
import { loadRegistry } from '../../../../src/registry.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { describePlan, planScenario } from '../../../../src/scenario/plan/plan.ts';

const registry = await loadRegistry();

function plan(phases: string, extra = '') {
  const text = `name: x
claim: It holds.
load: { duration: 60s }
faults:
  - { at: 10s, id: cut, fault: partition, target: leader, for: 5s }
  - { at: 30s, id: flap, every: 6s, times: 3, fault: partition, target: leader, for: 3s }
expect:
  phases: ${phases}
${extra}`;
  const scenario = parseScenario(text, { file: 'x.yaml', registry });
  return planScenario(scenario, { seed: 7, registry, platform: 'linux' });
}

function refusal(phases: string): string {
  try {
    plan(phases);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

test('a phase is found by the id of a fault, with an offset and a length', () => {
  const { scenario } = plan(
    '[{ after: cut + 5s, within: 10s, errorRate: 0% }, { during: flap, backend: local, outage: < 3s }, { during: flap.2, lag: < 1MB }]',
  );
  expect(scenario.expectPhases).toEqual([
    {
      phase: { edge: 'after', step: 'cut', offsetMs: 5_000, withinMs: 10_000 },
      demands: { errorRate: { kind: 'percent', op: '==', value: 0 } },
    },
    {
      phase: { edge: 'during', step: 'flap', offsetMs: 0 },
      conditions: { backend: 'local' },
      demands: { outage: { kind: 'duration', op: '<', value: 3_000 } },
    },
    {
      phase: { edge: 'during', step: 'flap.2', offsetMs: 0 },
      demands: { lag: { kind: 'size', op: '<', value: 1024 ** 2 } },
    },
  ]);
});

test('the plan says them as the file does', () => {
  const lines = describePlan(
    plan('[{ before: cut, within: 5s, patroni: ">= 3", latency: { p99: < 50ms }, failovers: 0 }]'),
  ).split('\n');
  expect(lines.find((line) => line.includes('before'))?.trim()).toBe(
    'before cut, within 5s where patroni >= 3: latency { p99: < 50ms }, failovers 0',
  );
});

test.each([
  [
    '{ during: cut, errorRate: 0% }',
    'x.yaml:8:11: expect.phases: must be a list of 1 to 100 blocks, each like { during: cut, errorRate: "< 20%" }',
  ],
  [
    '[{ during: ct, errorRate: 0% }]',
    "x.yaml:8:22: expect.phases[0].during: there is no fault with the id 'ct'; did you mean 'cut'?",
  ],
  [
    '[{ during: flap.4, errorRate: 0% }]',
    "x.yaml:8:22: expect.phases[0].during: there is no fault with the id 'flap.4'; did you mean 'flap.1'?",
  ],
  [
    '[{ errorRate: 0% }]',
    'x.yaml:8:12: expect.phases[0]: names no phase: use one of before, during, after with the id of a fault',
  ],
  [
    '[{ during: cut, after: cut, errorRate: 0% }]',
    'x.yaml:8:34: expect.phases[0].after: is a second phase beside during: use one block for each',
  ],
  [
    '[{ during: cut + 5s, errorRate: 0% }]',
    'x.yaml:8:22: expect.phases[0].during: takes no offset; only after does',
  ],
  [
    '[{ during: cut, within: 5s, errorRate: 0% }]',
    'x.yaml:8:35: expect.phases[0].within: goes with before and after; during lasts as long as the fault',
  ],
  [
    '[{ during: cut }]',
    'x.yaml:8:12: expect.phases[0]: demands nothing: name a check beside the phase',
  ],
  [
    '[{ during: cut, errorrate: 0% }]',
    "x.yaml:8:27: expect.phases[0]: there is no check 'errorrate'; did you mean 'errorRate'?",
  ],
  [
    '[{ durin: cut, errorRate: 0% }]',
    "x.yaml:8:12: expect.phases[0]: names no phase: use one of before, during, after with the id of a fault\nx.yaml:8:14: expect.phases[0]: there is no check 'durin'; did you mean 'during'?",
  ],
  [
    '[{ during: cut, errorRate: 0 }]',
    'x.yaml:8:38: expect.phases[0].errorRate: 0 needs a unit: 0%',
  ],
  [
    '[{ during: cut, latency: { p98: < 50ms } }]',
    "x.yaml:8:36: expect.phases[0].latency: demands nothing: write { p99: < 50ms }\nx.yaml:8:38: expect.phases[0].latency: unknown key 'p98'; did you mean 'p95'?",
  ],
])('%s is refused', (phases, message) => {
  expect(refusal(phases)).toBe(message);
});

test('what is of the whole run is refused in a phase, with the checks that are not', () => {
  expect(refusal('[{ during: cut, lost: 0 }]')).toBe(
    'x.yaml:8:27: expect.phases[0]: lost is of the whole run, and no phase can demand it; a phase can demand availability, demotedAgain, demotions, errorRate, failovers, gaveUp, lag, latency, leadershipChanges, outage, promotions, repromotions, rto, splitBrain, streaming, throughput',
  );
});
