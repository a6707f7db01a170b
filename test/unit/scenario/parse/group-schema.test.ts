import { expect, test } from 'vitest';
import { ScenarioError } from '../../../../src/std/errors.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { describePlan, planScenario } from '../../../../src/scenario/plan/plan.ts';
import { loadOfGroup, workloadsOf } from '../../../../src/scenario/words/groups.ts';

const registry = await loadRegistry();

function scenario(load: string, more = '') {
  const text = `name: x\nclaim: It holds.\nload: ${load}\n${more}`;
  return parseScenario(text, { file: 'x.yaml', registry });
}

function refusals(load: string, more = ''): readonly string[] {
  try {
    const user = { isRoot: true };
    planScenario(scenario(load, more), { seed: 1, backend: 'local', registry, user });
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) return error.message.split('\n');
    throw error;
  }
}

test('a group has a workload of its own with its keys, and what it does not say is that of the load', () => {
  const { load } = scenario(
    '{ duration: 5s, payload: 1kB, batch: 3, groups: { app: { clients: 2 },\n' +
      ' far: { clients: 1, site: minority, workload: records, seedRows: 7, payload: 10B..20B, mix: { insert: 60, read: 40 }, readFrom: any },\n' +
      ' money: { clients: 4, workload: bank, accounts: 30 } } }',
  );
  const [app, far, money] = load.groups ?? [];
  expect(app).toMatchObject({ name: 'app', clients: 2, mix: { insert: 1 } });
  expect(app).not.toHaveProperty('workload');
  expect(far).toMatchObject({
    site: 'minority',
    workload: 'records',
    params: { seedRows: 7 },
    payloadBytes: 10,
    payloadMostBytes: 20,
    mix: { insert: 1, update: 0, delete: 0 },
    clientReads: { share: 0.4, from: 'any' },
  });
  expect(far && loadOfGroup(load, far)).toMatchObject({ batch: 3, site: 'minority' });
  expect(money).toMatchObject({ workload: 'bank', params: { accounts: 30 } });
  const placed = workloadsOf(load);
  expect(placed.map(({ group, number }) => [group, number])).toEqual([
    [undefined, 0],
    ['far', 2],
    ['money', 3],
  ]);
  expect(placed.map(({ has }) => [0, 1, 2, 3, 6].filter(has))).toEqual([[0, 1], [2], [3, 6]]);
  expect(load.ratePerSecond).toBeUndefined();
});

test('a group may only read, and the rate of the load counts its reads', () => {
  const { load } = scenario(
    '{ workload: bank, duration: 5s, groups: { app: { clients: 2, rate: 100/s },\n' +
      ' reports: { clients: 8, rate: 40/s, mix: { read: 1 }, readFrom: replica } } }',
  );
  expect(load.groups?.[1]).toEqual({
    name: 'reports',
    clients: 8,
    ratePerSecond: 40,
    clientReads: { share: 1, from: 'replica' },
  });
  expect(load).toMatchObject({ ratePerSecond: 140, mix: { insert: 1 } });
  const plan = planScenario(
    scenario(
      '{ workload: bank, duration: 5s, groups: { a: { clients: 2 }, b: { clients: 1, mix: { read: 1 } } } }',
    ),
    {
      seed: 1,
      backend: 'local',
      registry,
    },
  );
  expect(describePlan(plan)).toContain('groups a 2 + b 1 (100% reads from where it writes)');
});

test.each([
  [
    'a key of no workload',
    'groups: { a: { clients: 1, accounts: 5 } }',
    'x.yaml:3:50: load.groups.a: accounts: belongs to a workload: give the group one of its own, such as workload: bank',
  ],
  [
    'a key that its own workload does not know',
    'groups: { a: { clients: 1, workload: bank, acounts: 5 } }',
    "x.yaml:3:66: load.groups.a: unknown key 'acounts'; did you mean 'accounts'?",
  ],
  [
    'a workload that is not there',
    'groups: { a: { clients: 1, workload: banks } }',
    "x.yaml:3:60: load.groups.a.workload: there is no workload 'banks'; did you mean 'bank'?",
  ],
  [
    'a mix that its workload does not use',
    'groups: { a: { clients: 1, workload: bank, mix: { update: 1 } } }',
    'mix: is without effect',
  ],
  [
    'reads of a workload without reads',
    'groups: { a: { clients: 1 }, b: { clients: 1, mix: { read: 1 } } }',
    "load.groups.b.mix.read: the workload 'ledger' has no reads",
  ],
  [
    'readFrom without reads',
    'groups: { a: { clients: 1, readFrom: any } }',
    'load.groups.a.readFrom: is without effect',
  ],
  [
    'groups that all only read',
    'workload: bank, groups: { a: { clients: 1, mix: { read: 1 } } }',
    'load.groups: write nothing',
  ],
  [
    'a site that the backend lacks',
    'groups: { a: { clients: 1 }, b: { clients: 1, site: minorty } }',
    "load.groups.b.site: backend local has no client site 'minorty'; did you mean 'minority'?",
  ],
  [
    'no group at the site of the load',
    'groups: { a: { clients: 1, site: minority } }',
    "load.groups: no group is at 'clients', the site of the load: write load.site: minority",
  ],
  [
    'a workload of the load that no group has',
    'workload: bank, groups: { a: { clients: 1, workload: copy } }',
    'workload: is without effect: every group has a workload of its own',
  ],
  [
    'an unlogged table beside others',
    'groups: { a: { clients: 1 }, b: { clients: 1, workload: records, unlogged: true } }',
    'load.groups.b.workload: its table cannot be unlogged',
  ],
  [
    'ids of two sequences',
    'serverIds: true, groups: { a: { clients: 1 }, b: { clients: 1, workload: ledger, serverIds: true } }',
    'load.groups.b.workload: only one workload of a load can have ids made by the server',
  ],
  [
    'a file that is not there',
    'groups: { a: { clients: 1, workload: custom, file: no.sql } }',
    'load.groups.a.file: no.sql: ',
  ],
  [
    'stages',
    'stages: [{ rate: 5/s, for: 5s }], groups: { a: { clients: 1 } }',
    'load.stages: cannot be combined with groups',
  ],
  [
    'a search for the knee',
    'until: knee, rate: 5/s, groups: { a: { clients: 1 } }',
    'load.until: cannot be combined with groups',
  ],
  [
    'an exact number of writes in batches',
    'groups: { a: { clients: 1, batch: 2 } }',
    'faults[0].writes: cannot be an exact number: groups of the load write batches',
  ],
])('%s is refused, with its position', (_, keys, message) => {
  const faults = keys.includes('batch')
    ? 'faults: [{ at: 1s, fault: hold-load }, { at: 2s, fault: allow-writes, writes: 4 }]'
    : '';
  const ends = keys.includes('stages') ? '' : 'duration: 5s, ';
  const found = refusals(`{ ${ends}${keys} }`, faults);
  expect(found.join('\n')).toContain(
    message.replace('faults[0]', keys.includes('batch') ? 'faults[1]' : 'faults[0]'),
  );
  expect(found[0]).toMatch(/^x\.yaml:\d+:\d+: /);
});
