import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../src/errors.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { describePlan, planScenario, type PlanOptions } from '../../src/scenario/plan.ts';
import { scenarioRegistry as registry, scenarioText } from '../helpers/scenario-registry.ts';

function plan(more: string, options: Partial<PlanOptions> = {}) {
  const scenario = parseScenario(scenarioText(more), { file: 'x.yaml', registry });
  return planScenario(scenario, { seed: 7, registry, platform: 'linux', ...options });
}

function refusalsOf(more: string, options: Partial<PlanOptions> = {}): string[] {
  try {
    plan(more, options);
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    return (error as Error).message.split('\n');
  }
  return [];
}

const faults = (...steps: string[]) =>
  `faults:\n${steps.map((step) => `  - { ${step} }\n`).join('')}`;

describe('a plan', () => {
  test('holds the scenario, the seed and the backend, and no positions', () => {
    const planned = plan(faults('at: 10s, fault: cut, target: leader, for: 5s'));
    expect({ ...planned, scenario: Object.keys(planned.scenario).sort() }).toEqual({
      schemaVersion: 1,
      seed: 7,
      backend: 'local',
      scenario: ['claim', 'cluster', 'expect', 'faults', 'file', 'load', 'name', 'verify'],
    });
  });

  test('is the same for the same file and seed, and survives being stored', () => {
    const text = faults('at: 10s, fault: cut, target: any-replica');
    expect(plan(text)).toEqual(plan(text));
    expect(JSON.parse(JSON.stringify(plan(text)))).toEqual(plan(text));
  });

  test('takes the backend of the caller before that of the file, and that of the platform where neither says', () => {
    expect([
      plan('backend: external').backend,
      plan('backend: external', { backend: 'local' }).backend,
      plan('').backend,
    ]).toEqual(['external', 'local', 'local']);
  });

  test('lets a fault end with the load', () => {
    expect(refusalsOf(faults('at: 25s, fault: cut, target: leader, for: 5s'))).toEqual([]);
  });
});

describe('the planner refuses', () => {
  test.each([
    [
      'at: 30s, fault: handover',
      'x.yaml:6:11: faults[0].at: 30s is not before the end of the load, 30s',
    ],
    [
      'at: 20s, fault: cut, target: leader, for: 11s',
      'x.yaml:6:49: faults[0].for: lasts until 31s, past the end of the load, 30s; leave it out to hold until then',
    ],
    [
      'after: b, fault: handover',
      "x.yaml:6:14: faults[0].after: there is no fault with the id 'b'",
    ],
    [
      'after: handover#1, fault: handover',
      "x.yaml:6:14: faults[0].after: 'handover#1' waits, in the end, for this fault itself",
    ],
    [
      'at: 1s, fault: cut, target: leadre',
      "x.yaml:6:35: faults[0].target: 'leadre' is no target; did you mean 'leader'?",
    ],
    [
      'at: 1s, fault: cut, target: pg4',
      "x.yaml:6:35: faults[0].target: there is no node 'pg4'; nodes: pg1, pg2, pg3",
    ],
    [
      'at: 1s, fault: cut, target: not all',
      "x.yaml:6:35: faults[0].target: 'not all' is nobody in a cluster of 3",
    ],
    [
      'at: 1s, fault: cut, target: sync-standby',
      'x.yaml:6:35: faults[0].target: nobody is sync-standby while cluster.synchronous is off',
    ],
    [
      'at: 1s, fault: cut, target: leader, warmup: 2m',
      'x.yaml:6:51: faults[0].warmup: must be at most 1m',
    ],
  ])('{ %s }', (step, message) => {
    expect(refusalsOf(faults(step))).toEqual([message]);
  });

  test('a chain whose sum is past the end, a circle, and an id that is taken', () => {
    const text = faults(
      'at: 20s, fault: handover, id: a',
      'after: a + 10s, fault: handover',
      'after: d, fault: handover, id: c',
      'after: c, fault: handover, id: d',
      'at: 1s, fault: handover, id: a',
    );
    expect(refusalsOf(text)).toEqual([
      'x.yaml:7:14: faults[1].after: 30s is not before the end of the load, 30s',
      "x.yaml:8:14: faults[2].after: 'd' waits, in the end, for this fault itself",
      "x.yaml:9:14: faults[3].after: 'c' waits, in the end, for this fault itself",
      "x.yaml:10:36: faults[4].id: another fault is called 'a' already",
    ]);
  });

  test('what the backend cannot do', () => {
    const text = `${faults('at: 1s, fault: cut, target: leader')}cluster: { topology: single }\n`;
    expect(refusalsOf(text, { backend: 'external' })).toEqual([
      'x.yaml:6:22: faults[0].fault: backend external gives no control over network',
      'x.yaml:7:22: cluster.topology: backend external makes patroni, not single',
    ]);
    expect(refusalsOf('', { backend: 'docker' })).toEqual([
      "x.yaml: backend: there is no backend 'docker'; known: local, external",
    ]);
  });

  test('what the backend can do to a cluster, and not to a single server', () => {
    const usual = registry.backends.get('local')!;
    const backends = new Map([['local', { ...usual, offersSingle: ['process'] as const }]]);
    const cutAlone = `${faults('at: 1s, fault: cut, target: pg1')}cluster: { nodes: 1, topology: `;
    const options = { registry: { ...registry, backends } };
    expect([
      refusalsOf(`${cutAlone}patroni }\n`, options),
      refusalsOf(`${cutAlone}single }\n`, options),
    ]).toEqual([
      [],
      [
        'x.yaml:6:22: faults[0].fault: backend local gives no control over network of a single server',
      ],
    ]);
  });

  test('a client site that the backend does not have', () => {
    const text = 'name: x\nclaim: y.\nexpect: { lost: 0 }\nload: { duration: 5s, site: clints }\n';
    const scenario = parseScenario(text, { file: 'x.yaml', registry });
    expect(() => planScenario(scenario, { seed: 1, registry })).toThrow(
      "x.yaml:4:29: load.site: backend local has no client site 'clints'; did you mean 'clients'?",
    );
  });

  test.each([
    [1, 'replica', 'nobody is replica in a cluster of 1'],
    [1, 'not leader', "'not leader' is nobody in a cluster of 1"],
    [1, 'not pg1', "'not pg1' is nobody in a cluster of 1"],
    [2, 'minority', '2 nodes have no minority: that takes at least 3'],
    [9, 'pg9', undefined],
    [3, 'majority', undefined],
    [1, 'leader', undefined],
    [3, 'not any-replica', undefined],
  ])('of %i nodes, %s: %s', (nodes, target, message) => {
    const text = `${faults(`at: 1s, fault: cut, target: ${target}`)}cluster: { nodes: ${nodes} }\n`;
    const expected = message === undefined ? [] : [`x.yaml:6:35: faults[0].target: ${message}`];
    expect(refusalsOf(text)).toEqual(expected);
  });

  test('a fault that needs Patroni where there is none', () => {
    const text = `${faults('at: 1s, fault: handover')}cluster: { topology: single }\n`;
    expect(refusalsOf(text)).toEqual([
      'x.yaml:6:22: faults[0].fault: needs Patroni, and cluster.topology is single',
    ]);
  });

  test('a scenario that no check could judge', () => {
    const text = 'name: x\nclaim: y.\nload: { duration: 5s }\n';
    const scenario = parseScenario(text, { file: 'x.yaml', registry });
    expect(() => planScenario(scenario, { seed: 1, registry })).toThrow(
      'x.yaml: expect: demands nothing, so no check could judge the run',
    );
  });
});

test('a plan is shown as a table in the order of time', () => {
  const text = `cluster: { patroni: { ttl: 30 }, parameters: { fsync: off } }
faults:
  - { after: short + 3s, fault: handover }
  - { at: 10s, fault: cut, target: leader, from: peers, id: short, for: 5s }
  - { at: 500ms, fault: cut, target: not pg1 }
`;
  expect(describePlan(plan(text)).split('\n')).toEqual([
    'scenario  x',
    'claim     It holds.',
    'cluster   3 nodes, patroni, synchronous off, ttl 30, fsync off, backend local',
    'load      ledger for 30s, 16 clients, no rate limit, 100% insert, batch 1, payload 256B, deadline 5s, site clients, tables 1',
    'expect    lost 0',
    'seed      7',
    '',
    'time              fault        target   for          params',
    '500ms             cut#2        not pg1  end of load  from all, warmup 0',
    '10s               short (cut)  leader   5s           from peers, warmup 0',
    '13s (short + 3s)  handover#1   -        end of load',
  ]);
});
