import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ClusterBackend } from '../../../../src/contracts/backend.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { schemaOf } from '../../../../src/scenario/parse/json-schema.ts';
import { planScenario } from '../../../../src/scenario/plan/plan.ts';
import { replan } from '../../../../src/scenario/plan/replan.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import { size } from '../../../../src/std/units/units.ts';
import { scenarioRegistry, scenarioText } from '../../../helpers/scenario-registry.ts';

const usual = scenarioRegistry.backends.get('local')!;
const racked: ClusterBackend = {
  ...usual,
  params: z.strictObject({
    racks: z.array(z.string()).min(1).describe('Where the nodes stand.'),
    disk: size.exactOptional().describe('Size of a disk.'),
  }),
  nodeNames: ({ own }) =>
    ((own?.params ?? { racks: [] }) as { readonly racks: readonly string[] }).racks.map(
      (rack) => `db-${rack}`,
    ),
};
const registry = {
  ...(await loadRegistry('')),
  ...scenarioRegistry,
  backends: new Map([
    ['local', usual],
    ['racked', racked],
  ]),
};

const parse = (more: string, backend?: string) =>
  parseScenario(scenarioText(more), { file: 'x.yaml', registry, backend });

function refusal(more: string, backend?: string): string {
  try {
    const scenario = parse(more, backend);
    planScenario(scenario, { seed: 1, backend, registry });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

test('the keys of the chosen backend are in `cluster:` and validated by its schema', () => {
  const { cluster } = parse('cluster: { nodes: 2, racks: [a, b], disk: 1MB }\n', 'racked');
  expect(cluster.own).toEqual({
    backend: 'racked',
    params: { racks: ['a', 'b'], disk: 1024 ** 2 },
  });
  expect(parse('').cluster.own).toBeUndefined();
});

test.each([
  ['cluster: { racks: [a], disk: 5 }', 'racked', /^x\.yaml:5:30: cluster\.disk: 5 needs a unit/],
  [
    'cluster: { racks: [] }',
    'racked',
    /^x\.yaml:5:19: cluster\.racks: must have at least 1 entries/,
  ],
  ['cluster: { nodes: 1 }', 'racked', /^x\.yaml:5:10: cluster\.racks: is missing$/],
  [
    'cluster: { racks: [a], dsk: 1MB }',
    'racked',
    "x.yaml:5:24: cluster: unknown key 'dsk'; did you mean 'disk'?",
  ],
  [
    'cluster: { racks: [a] }',
    'local',
    "x.yaml:5:12: cluster: 'racks' is a key of backend racked, and this is local",
  ],
  [
    'backend: racked\ncluster: { racks: [a] }',
    'local',
    "x.yaml:6:12: cluster: 'racks' is a key of backend racked, and this is local",
  ],
  [
    'cluster: { nodse: 1 }',
    'local',
    "x.yaml:5:12: cluster: unknown key 'nodse'; did you mean 'nodes'?",
  ],
])('%s on %s: %s', (more, backend, said) => {
  expect(refusal(`${more}\n`, backend)).toMatch(said);
});

test('the JSON Schema has the keys of every backend, each with the name of its backend', () => {
  const { properties } = schemaOf(registry);
  const cluster = properties?.cluster as { readonly properties: Readonly<Record<string, unknown>> };
  expect(cluster.properties.racks).toMatchObject({
    type: 'array',
    description: 'Backend racked: Where the nodes stand.',
  });
});

test('targets are the node names of the chosen backend, not those of another', () => {
  const nodes = 'backend: racked\ncluster: { nodes: 2, racks: [a, b1] }\nfaults:\n';
  const target = (name: string) => `${nodes}  - { at: 1s, fault: kill, target: ${name} }\n`;
  expect(refusal(target('db-b1'))).toBe('');
  expect([refusal(target('pg1')), refusal(target('db-b7')), refusal(target('leadr'))]).toEqual([
    "x.yaml:8:36: faults[0].target: unknown target 'pg1'; known: leader, replica, any-replica, sync-standby, all, minority, majority, db-a, db-b1",
    "x.yaml:8:36: faults[0].target: there is no node 'db-b7'; nodes: db-a, db-b1",
    "x.yaml:8:36: faults[0].target: unknown target 'leadr'; did you mean 'leader'?",
  ]);
});

test('a second kill of a dead node is refused, whatever name the backend gives it', () => {
  const twice =
    'backend: racked\ncluster: { nodes: 2, racks: [a, b] }\nfaults:\n' +
    '  - { at: 1s, fault: kill, target: db-b }\n  - { at: 2s, fault: kill, target: db-b }\n';
  expect(refusal(twice)).toMatch(/faults\[1\]\.fault: its target has been killed by kill#1/);
});

test('a stored plan with the keys of one backend is not run on another', () => {
  const scenario = parse('cluster: { nodes: 2, racks: [a, b] }\n', 'racked');
  const plan = planScenario(scenario, { seed: 1, backend: 'racked', registry });
  expect(replan(plan, { registry })).toEqual(plan);
  expect(() => replan(plan, { registry, backend: 'local' })).toThrow(
    'x.yaml: cluster.racks: is a key of backend racked, and this is local',
  );
});
