import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../src/std/errors.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import {
  describePlan,
  planScenario,
  type PlanOptions,
} from '../../../../src/scenario/plan/plan.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import { scenarioRegistry as registry, scenarioText } from '../../../helpers/scenario-registry.ts';

const shippedRegistry = await loadRegistry('');

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

  test('has the backend of the caller, else of the file, else of the platform', () => {
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

describe('a step that is repeated', () => {
  const repeatedTwice =
    'at: 2s, id: flap, fault: cut, target: leader, for: 2s, every: 6s, times: 2';

  test('is planned as separate steps, and its id means the last one', () => {
    const steps = plan(
      faults(repeatedTwice, 'after: flap + 3s, fault: cut, target: not targets of flap'),
    ).scenario.faults.map(({ id, atMs, after, target }) => ({ id, atMs, after, target }));
    expect(steps).toEqual([
      { id: 'flap.1', atMs: 2_000, after: undefined, target: 'leader' },
      { id: 'flap.2', atMs: 8_000, after: undefined, target: 'leader' },
      { id: 'cut#2', atMs: 3_000, after: 'flap.2', target: 'not targets of flap.2' },
    ]);
  });

  test('can be followed from any of its repetitions', () => {
    const step = 'after: flap.1 + 1s, fault: cut, target: targets of flap.1';
    expect(refusalsOf(faults(repeatedTwice, step))).toEqual([]);
  });

  test('must fit into the load with its last repetition', () => {
    expect(
      refusalsOf(faults('at: 2s, fault: cut, target: leader, for: 5s, every: 9s, times: 4')),
    ).toEqual([
      'x.yaml:6:48: faults[0].for: lasts until 34s, past the end of the load, 30s; leave it out to hold until then',
    ]);
  });
});

describe('a step that waits', () => {
  test('keeps its state and its time limit', () => {
    const [step] = plan(
      faults('at: 2s, when: lag > 2MB within 5s, fault: handover, until: failover within 9s'),
    ).scenario.faults;
    expect({ when: step?.when, until: step?.until }).toEqual({
      when: { state: { is: 'lag', op: '>', bytes: 2 * 1024 ** 2 }, limitMs: 5_000 },
      until: { state: { is: 'failover' }, limitMs: 9_000 },
    });
  });

  test.each([
    'replayed',
    'leader',
    'no leader',
    'lag < 64kB',
    'acknowledged >= 1000',
    'pg2 streaming',
    'not leader streaming',
    'targets of cut#1 streaming',
  ])('can wait for: %s, and is described with the same words', (state) => {
    const first = 'at: 1s, fault: cut, target: leader';
    const second = `after: cut#1, when: ${state} within 5s, fault: handover`;
    const shown = describePlan(plan(faults(first, second)));
    expect(shown).toContain(`1s (cut#1) or later: ${state} within 5s  handover#1`);
  });

  test('is refused if its limit may end after the load', () => {
    expect(
      refusalsOf(
        faults(
          'at: 2s, id: a, when: leader within 20s, fault: handover, until: failover within 10s',
          'after: a + 9s, fault: handover',
        ),
      ),
    ).toEqual([
      'x.yaml:6:71: faults[0].until: may last until 32s, past the end of the load, 30s',
      'x.yaml:7:14: faults[1].after: may wait until 31s, not before the end of the load, 30s',
    ]);
  });
});

describe('the targets of an earlier fault', () => {
  test.each([
    ['targets of b', "there is no fault with the id 'b'; known: handover#1, late"],
    ['targets of handover#1', "'handover#1' acts on the whole cluster and has no targets"],
    ['targets of cut#1', "'cut#1' is this fault itself"],
    ['targets of late', "'late' is injected only later"],
  ])('%s: %s', (target, message) => {
    const steps = [
      'at: 1s, fault: handover',
      `at: 2s, fault: cut, target: ${target}`,
      'at: 3s, id: late, fault: cut, target: leader',
    ];
    expect(refusalsOf(faults(...steps))).toEqual([`x.yaml:7:35: faults[1].target: ${message}`]);
  });
});

describe('faults that contradict each other', () => {
  const first = 'at: 5s, id: first, fault: kill, target: leader, for: 10s';
  const refused = (step: string, ...more: string[]) =>
    refusalsOf(faults(first, step, ...more)).map((line) => line.split(': ').slice(2).join(': '));
  const message = 'its target has been killed by first since 5s, and still is';

  test.each([
    'at: 7s, fault: freeze, target: leader',
    'at: 14s, fault: kill, target: targets of first',
    'after: first + 9s, fault: freeze, target: targets of first',
  ])('are refused if the contradiction is certain: %s', (step) => {
    expect(refused(step)).toEqual([message]);
  });

  test.each([
    ['it is healed by then', 'at: 15s, fault: kill, target: targets of first'],
    ['it is another node', 'at: 7s, fault: freeze, target: not targets of first'],
    ['the name may be another node', 'at: 7s, fault: freeze, target: pg2'],
    ['it comes before', 'at: 3s, fault: freeze, target: leader'],
    ['it does not touch processes', 'at: 7s, fault: cut, target: leader'],
    ['it may be healed by then', 'at: 4s, when: leader within 15s, fault: kill, target: leader'],
  ])('are accepted if %s', (_, step) => {
    expect(refused(step)).toEqual([]);
  });

  test('are refused even with a fault in between that has no target and keeps the leader', () => {
    const [repeat, quiet] = ['at: 7s, fault: kill, target: leader', 'at: 6s, fault: quiet'];
    expect(refused(repeat, quiet)).toEqual([message]);
  });

  test('are accepted if another node may lead by then', () => {
    expect(refused('at: 7s, fault: kill, target: leader', 'at: 6s, fault: handover')).toEqual([]);
    const late = 'at: 26s, fault: kill, target: leader';
    expect(refusalsOf(faults('at: 5s, fault: kill, target: leader', late))).toEqual([]);
  });

  test('can be a kill of a frozen server, but not a second freeze', () => {
    const frozen = 'at: 5s, fault: freeze, target: pg1';
    expect(refusalsOf(faults(frozen, 'at: 6s, fault: kill, target: pg1'))).toEqual([]);
    expect(refusalsOf(faults(frozen, 'at: 6s, fault: freeze, target: pg1'))).toEqual([
      'x.yaml:7:22: faults[1].fault: its target has been frozen by freeze#1 since 5s, and still is',
    ]);
  });
});

describe('faults that hold the same disk', () => {
  const first = 'at: 5s, id: first, fault: disk-stall, area: wal, target: leader, for: 10s';
  const { faults: shipped } = shippedRegistry;
  const withDisks = {
    ...registry,
    faults: new Map([...registry.faults, ...shipped]),
    backends: shippedRegistry.backends,
  };
  const refused = (...steps: string[]) => {
    const text = scenarioText(faults(...steps));
    try {
      const scenario = parseScenario(text, { file: 'x.yaml', registry: withDisks });
      const user = { isRoot: true };
      planScenario(scenario, { seed: 7, registry: withDisks, platform: 'linux', user });
    } catch (error) {
      return (error as Error).message.split('\n').map((line) => line.replace(/^\S+ \S+ /, ''));
    }
    return [];
  };
  const message = 'takes the WAL disk of its target, which first has taken since 5s, and still has';

  test.each([
    'at: 7s, fault: disk-stall, area: both, target: leader',
    'at: 5s, fault: disk-full, area: wal, target: leader',
    'after: first + 2s, fault: disk-error, area: wal, operations: [fsync], target: targets of first',
  ])('are refused before anything boots: %s', (step) => {
    expect(refused(first, step)).toEqual([message]);
  });

  test.each([
    ['the other disk', 'at: 7s, fault: disk-stall, area: data, target: leader'],
    ['another node', 'at: 7s, fault: disk-stall, area: wal, target: not targets of first'],
    ['a disk that is healed by then', 'at: 15s, fault: disk-stall, area: wal, target: leader'],
  ])('are accepted on %s', (_, step) => {
    expect(refused(first, step)).toEqual([]);
  });

  test('are refused where nothing lies over the disks, with the reason', () => {
    const scenario = parseScenario(scenarioText(faults(first)), {
      file: 'x.yaml',
      registry: withDisks,
    });
    const plan = (user: { readonly isRoot: boolean }) => () =>
      planScenario(scenario, { seed: 7, registry: withDisks, platform: 'linux', user });
    expect(plan({ isRoot: false })).toThrow(/io.*file system that only root mounts; run as root/);
    expect(plan({ isRoot: true })).not.toThrow();
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
      "x.yaml:6:14: faults[0].after: 'handover#1' waits for this fault, directly or through other faults",
    ],
    [
      'at: 1s, fault: cut, target: leadre',
      "x.yaml:6:35: faults[0].target: unknown target 'leadre'; did you mean 'leader'?",
    ],
    [
      'at: 1s, fault: cut, target: pg4',
      "x.yaml:6:35: faults[0].target: there is no node 'pg4'; nodes: pg1, pg2, pg3",
    ],
    [
      'at: 1s, fault: cut, target: not all',
      "x.yaml:6:35: faults[0].target: 'not all' matches no node in a cluster of 3",
    ],
    [
      'at: 1s, fault: cut, target: sync-standby',
      'x.yaml:6:35: faults[0].target: no node is sync-standby while cluster.synchronous is off',
    ],
    [
      'at: 1s, fault: cut, target: leader, warmup: 2m',
      'x.yaml:6:51: faults[0].warmup: must be at most 1m',
    ],
  ])('{ %s }', (step, message) => {
    expect(refusalsOf(faults(step))).toEqual([message]);
  });

  test('a chain that ends past the load, a circular chain, and a duplicate id', () => {
    const text = faults(
      'at: 20s, fault: handover, id: a',
      'after: a + 10s, fault: handover',
      'after: d, fault: handover, id: c',
      'after: c, fault: handover, id: d',
      'at: 1s, fault: handover, id: a',
    );
    expect(refusalsOf(text)).toEqual([
      'x.yaml:7:14: faults[1].after: 30s is not before the end of the load, 30s',
      "x.yaml:8:14: faults[2].after: 'd' waits for this fault, directly or through other faults",
      "x.yaml:9:14: faults[3].after: 'c' waits for this fault, directly or through other faults",
      "x.yaml:10:36: faults[4].id: another fault already has the id 'a'",
    ]);
  });

  test('a need that the backend does not offer', () => {
    const text = `${faults('at: 1s, fault: cut, target: leader')}cluster: { topology: single }\n`;
    expect(refusalsOf(text, { backend: 'external' })).toEqual([
      'x.yaml:6:22: faults[0].fault: backend external gives no control over network',
      'x.yaml:7:22: cluster.topology: backend external makes patroni, not single',
    ]);
    expect(refusalsOf('', { backend: 'docker' })).toEqual([
      "x.yaml: backend: there is no backend 'docker'; known: local, external",
    ]);
  });

  test('a need that the backend offers for a cluster, but not for a single server', () => {
    const usual = registry.backends.get('local')!;
    const backends = new Map([
      [
        'local',
        {
          ...usual,
          lacks: ({ topology }: { topology: string }) =>
            topology === 'single' ? { network: 'it has none' } : {},
        },
      ],
    ]);
    const cutAlone = `${faults('at: 1s, fault: cut, target: pg1')}cluster: { nodes: 1, topology: `;
    const options = { registry: { ...registry, backends } };
    expect([
      refusalsOf(`${cutAlone}patroni }\n`, options),
      refusalsOf(`${cutAlone}single }\n`, options),
    ]).toEqual([
      [],
      [
        'x.yaml:6:22: faults[0].fault: backend local gives no control over network of a single server: it has none',
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
    [1, 'replica', 'no node can be replica in a cluster of 1'],
    [1, 'not leader', "'not leader' matches no node in a cluster of 1"],
    [1, 'not pg1', "'not pg1' matches no node in a cluster of 1"],
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

  test('a fault that needs Patroni without Patroni', () => {
    const text = `${faults('at: 1s, fault: handover')}cluster: { topology: single }\n`;
    expect(refusalsOf(text)).toEqual([
      'x.yaml:6:22: faults[0].fault: needs Patroni, and cluster.topology is single',
    ]);
  });

  test('a scenario that no check could judge', () => {
    const text = 'name: x\nclaim: y.\nload: { duration: 5s }\n';
    const scenario = parseScenario(text, { file: 'x.yaml', registry });
    expect(() => planScenario(scenario, { seed: 1, registry })).toThrow(
      'x.yaml: expect: has no demand, so no check could judge the run',
    );
  });
});

test('the plan of a cluster that exists outlines its file, without the settings of a lab and without paths of secrets', () => {
  const { scenario, ...rest } = plan('cluster: { nodes: 3, synchronous: on }\n');
  const { cluster } = scenario;
  const { patroni, parameters, synchronous } = cluster;
  const params = {
    consent: ['network'],
    credentials: { user: 'app', password: { file: '/secrets/app' } },
    nodes: { db1: { host: 'a' }, db2: { host: 'b' }, db3: { host: 'c' } },
    dcs: [],
    minFree: 5,
  };
  const own = { backend: 'external', params };
  const exists = { ...cluster, own, writtenFor: { patroni, parameters, synchronous } };
  const text = describePlan({
    ...rest,
    backend: 'external',
    scenario: { ...scenario, cluster: exists },
  });
  expect(text.split('\n')[2]).toBe(
    'cluster   3 nodes, patroni, settings of its own, consent (network), credentials (user, password), nodes (db1, db2, db3), minFree 5, backend external',
  );
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
