import { expect, test } from 'vitest';
import { ScenarioError } from '../../../../src/std/errors.ts';
import { kneePlan } from '../../../../src/scenario/words/knee-plan.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { describePlan, planScenario } from '../../../../src/scenario/plan/plan.ts';

const registry = await loadRegistry();

function scenario(load: string, more = '') {
  const text = `name: x\nclaim: It holds.\nload: ${load}\n${more}`;
  return parseScenario(text, { file: 'x.yaml', registry });
}

function refusals(load: string, more = ''): readonly string[] {
  try {
    planScenario(scenario(load, more), { seed: 1, backend: 'local', registry });
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) return error.message.split('\n');
    throw error;
  }
}

function described(load: string): string | undefined {
  const plan = planScenario(scenario(load), { seed: 1, backend: 'local', registry });
  return /^load +(.*)$/m.exec(describePlan(plan))?.[1]?.replace(/, 100% insert.*/, '');
}

test('stages follow each other: a rate holds, and a ramp begins at the rate before', () => {
  const { load } = scenario(
    '{ rate: 10/s, stages: [{ to: 100/s, for: 2s }, { rate: 50/s, for: 1s }, { to: 0/s, for: 2s }] }',
  );
  expect(load).toMatchObject({
    ratePerSecond: (110 + 50 + 50) / 5,
    durationMs: 5_000,
    stages: [
      { fromPerSecond: 10, toPerSecond: 100, lastsMs: 2_000 },
      { fromPerSecond: 50, toPerSecond: 50, lastsMs: 1_000 },
      { fromPerSecond: 50, toPerSecond: 0, lastsMs: 2_000 },
    ],
  });
});

test('a load of operations has a time limit that its rate keeps', () => {
  const hourMs = 3_600_000;
  expect(scenario('{ operations: 500, rate: 50/s }').load.durationMs).toBe(10_000 + hourMs);
  expect(scenario('{ operations: 500 }').load.durationMs).toBe(hourMs);
  expect(scenario('{ operations: 500, duration: 30s }').load).toMatchObject({
    durationMs: 30_000,
    operations: 500,
  });
});

test('the plan shows how fast it goes', () => {
  expect(described('{ stages: [{ to: 100/s, for: 2s }, { rate: 50/s, for: 1s }] }')).toBe(
    'ledger for 3s, 16 clients, stages from 0/s to 100/s for 2s, 50/s for 1s',
  );
  expect(described('{ operations: 10, duration: 1m, think: 50ms..1s, warmup: 5s }')).toBe(
    'ledger for 10 operations, at most 1m, 16 clients, no rate limit, thinking 50ms..1s, warm-up 5s',
  );
});

test('the steps to the knee are stages of the plan, after the warm-up', () => {
  const { load } = scenario(
    '{ until: knee, rate: 100/s, warmup: 5s, duration: 36s, knee: { step: 50%, p99: 20ms } }',
  );
  expect(load).toMatchObject({
    durationMs: 35_000,
    warmupMs: 5_000,
    knee: { p99Ms: 20, errorPercent: 1 },
    stages: [100, 100, 150, 225].map((rate, at) => ({
      fromPerSecond: rate,
      toPerSecond: rate,
      lastsMs: at === 0 ? 5_000 : 10_000,
    })),
  });
  expect(kneePlan(load)?.steps.map(({ fromMs, offered }) => [fromMs, offered])).toEqual([
    [5_000, 1_000],
    [15_000, 1_500],
    [25_000, 2_250],
  ]);
  expect(described('{ until: knee, rate: 100/s, duration: 30s }')).toBe(
    'ledger for 30s, 16 clients, until the knee: 3 steps of 10s from 100/s to 300/s, p99 100ms, errors 1%',
  );
});

test('groups have writers, a pace, a mix and a route of their own', () => {
  const { load } = scenario(
    '{ duration: 5s, groups: { app: { clients: 6, rate: 30/s, route: haproxy }, bulk: { clients: 2, think: 1s, mix: { insert: 1, update: 3 } } } }',
  );
  expect(load).toMatchObject({
    clients: 8,
    mix: { insert: 0.8125, update: 0.1875, delete: 0 },
    groups: [
      { name: 'app', clients: 6, ratePerSecond: 30, mix: { insert: 1, update: 0 } },
      { name: 'bulk', clients: 2, think: { leastMs: 1_000, mostMs: 1_000 }, mix: { update: 0.75 } },
    ],
    routes: [
      { name: 'app', via: 'haproxy', clients: 6 },
      { name: 'bulk', via: 'direct', clients: 2 },
    ],
  });
  expect(load.ratePerSecond).toBeUndefined();
  const both = scenario(
    '{ duration: 5s, groups: { a: { clients: 1, rate: 3/s }, b: { clients: 2, rate: 4/s } } }',
  );
  expect(both.load).toMatchObject({ ratePerSecond: 7, mix: { insert: 1 } });
  expect(both.load.groups?.[0]).not.toHaveProperty('mix');
});

const group = 'duration: 5s, groups: { a: { clients: 1 } }';

const cut = 'faults: [{ at: 8s, fault: partition, target: leader, for: 1s }]';

test.each([
  ['{ duration: 5s, stages: [{ rate: 5/s, for: 5s }] }', '', 'duration: cannot be combined with'],
  [
    '{ rate: 5/s, stages: [{ rate: 5/s, for: 5s }] }',
    '',
    'load.rate: is without effect: the first',
  ],
  ['{ stages: [{ rate: 5/s, to: 6/s, for: 5s }] }', '', 'load.stages[0]: needs either rate'],
  ['{ stages: [{ rate: 0/s, for: 5s }] }', '', 'load.stages[0].rate: must be above 0/s'],
  ['{ stages: [{ to: 0/s, for: 5s }] }', '', 'load.stages[0].to: would be a pause'],
  ['{ stages: [{ rate: 5/s, for: 5s }], operations: 26 }', '', 'are more than the stages have: 25'],
  ['{ rate: 5/s, think: 1s, duration: 5s }', '', 'load.think: is without effect: with rate'],
  ['{ think: 2s..1s, duration: 5s }', '', 'load.think: must have the shorter duration first'],
  ['{ think: 0s, duration: 5s }', '', 'load.think: must be longer than 0s'],
  ['{ think: 5, duration: 5s }', '', 'load.think: '],
  ['{ warmup: 5s, duration: 5s }', '', 'load.warmup: must be shorter than the load, 5s'],
  [
    '{ operations: 101, rate: 10/s, duration: 10s }',
    '',
    'need 10.1s at this rate, and at most 10s',
  ],
  ['{ operations: 80, rate: 10/s }', cut, 'faults[0].at: 8s is not before the end of the load'],
  ['{ until: knee, duration: 20s }', '', 'load.until: needs rate'],
  [
    '{ until: knee, rate: 5/s, duration: 9s }',
    '',
    'load.duration: has no room for a step: it must',
  ],
  ['{ until: knee, rate: 5/s, duration: 1h }', '', 'load.duration: has room for 360 steps'],
  ['{ until: knee, rate: 5/s, duration: 20s, think: 1s }', '', 'load.think: cannot be combined'],
  ['{ until: knees, rate: 5/s, duration: 20s }', '', 'load.until: must be knee, or left out'],
  [
    '{ rate: 5/s, duration: 9s, knee: { p99: 1s } }',
    '',
    'load.knee: is without effect: give until',
  ],
  ['{ until: knee, rate: 5/s, duration: 20s, knee: { step: 0/s } }', '', 'must be above 0'],
  ['{ until: knee, rate: 5/s, duration: 20s, knee: { every: 2s } }', cut, 'is not before the end'],
  [
    '{ rate: 5/s, duration: 9s }',
    'expect: { knee: ">= 5/s" }',
    'expect.knee: the load searches no',
  ],
  [
    '{ until: knee, rate: 5/s, duration: 20s }',
    'expect: { knee: ">= 11/s" }',
    'expect.knee: the steps of the load end at 10/s',
  ],
  [
    '{ until: knee, rate: 5/s, duration: 20s }',
    'expect: { knee: "< 11/s" }',
    'expect.knee: must be a least rate',
  ],
  [`{ ${group}, clients: 2 }`, '', 'load.clients: cannot be combined with groups: give each'],
  [`{ ${group}, rate: 2/s }`, '', 'load.rate: cannot be combined with groups: give each group its'],
  [`{ ${group}, operations: 2 }`, '', 'load.operations: cannot be combined with groups'],
  [
    `{ ${group.replace('5s', '20s')}, until: knee, rate: 5/s }`,
    '',
    'load.until: cannot be combined with groups',
  ],
  [
    '{ duration: 5s, mix: { insert: 1, read: 1 }, groups: { a: { clients: 1 } } }',
    '',
    'load.mix.read: cannot be combined with groups',
  ],
  [
    '{ duration: 5s, groups: { a: { clients: 1, mix: { update: 1 } } } }',
    '',
    'load.groups.a.mix: has no inserts',
  ],
  [
    '{ duration: 5s, pipeline: 4, groups: { a: { clients: 1, think: 1s } } }',
    '',
    'load.pipeline: cannot be combined with think',
  ],
  ['{ duration: 5s, groups: {} }', '', 'load.groups: names no group'],
  ['{ duration: 5s, groups: { a: { rate: 1/s } } }', '', 'load.groups.a'],
  [
    '{ duration: 5s, groups: { a: { clients: 1, rate: 1/s, think: 1s } } }',
    '',
    'load.groups.a.think: is without effect',
  ],
  [
    '{ duration: 5s, groups: { a: { clients: 2000 }, b: { clients: 1 } } }',
    '',
    'have 2001 clients together, and 2000 is the most',
  ],
  [
    '{ duration: 5s, groups: { a: { clients: 1, route: { via: address, node: pg9 } } } }',
    '',
    "load.groups.a.route.node: there is no node 'pg9'",
  ],
  [
    '{ duration: 5s, workload: bank, groups: { a: { clients: 1, mix: { insert: 1 } } } }',
    '',
    "load.groups.a: mix: is without effect: the workload 'bank' does not use it",
  ],
  ['{ operations: 80 }', cut, 'load.operations: cannot be combined with faults without a rate'],
])('%s is refused with its place', (load, more, message) => {
  const [first = ''] = refusals(load, more);
  expect(first).toMatch(/^x\.yaml:\d+:\d+: /);
  expect(first).toContain(message);
});
