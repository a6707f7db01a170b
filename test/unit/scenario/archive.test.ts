import { expect, test } from 'vitest';
import { loadRegistry } from '../../../src/registry.ts';
import { parseScenario } from '../../../src/scenario/parse/parse.ts';
import { neededCapabilities } from '../../../src/scenario/plan/needed-capabilities.ts';
import { planScenario } from '../../../src/scenario/plan/plan.ts';

const registry = await loadRegistry('');

function planned(cluster: string, demands = '{ restorable: yes }', backend = 'local') {
  const text = `name: x\nclaim: It holds.\ncluster: ${cluster}\nload: { duration: 30s }\nexpect: ${demands}\n`;
  const scenario = parseScenario(text, { file: 'x.yaml', registry, backend });
  return planScenario(scenario, { seed: 1, backend, registry, user: { isRoot: true } }).scenario;
}

test('an archive is a folder that the cluster must have', () => {
  const scenario = planned('{ archive: folder }');
  expect([scenario.cluster.archive, scenario.expect.restorable]).toEqual(['folder', 'yes']);
  expect(neededCapabilities(scenario, registry.faults)).toContain('archive');
});

test('a cluster without an archive needs none', () => {
  const scenario = planned('{ nodes: 3 }', '{ lost: 0 }');
  expect(scenario.cluster).not.toHaveProperty('archive');
  expect(neededCapabilities(scenario, registry.faults)).not.toContain('archive');
});

test('yes and no may be said as YAML 1.1 does', () => {
  expect(planned('{ archive: folder }', '{ restorable: true }').expect.restorable).toBe('yes');
  expect(planned('{ archive: folder }', '{ restorable: false }').expect.restorable).toBe('no');
});

test.each([
  [
    'another kind of archive',
    '{ archive: barman }',
    undefined,
    'local',
    /^x\.yaml:3:21: cluster\.archive: must be one of: folder, pgbackrest, not 'barman'/,
  ],
  [
    'a command that keeps the repository empty',
    "{ archive: pgbackrest, parameters: { archive_command: 'true' } }",
    undefined,
    'local',
    /cluster\.parameters\.archive_command: is that of cluster\.archive: pgbackrest/,
  ],
  [
    'an archive that is switched off',
    '{ archive: folder, parameters: { archive_mode: off } }',
    undefined,
    'local',
    /cluster\.parameters\.archive_mode: is off, and cluster\.archive needs it on/,
  ],
  [
    'a backend that keeps none',
    '{ archive: folder }',
    undefined,
    'docker',
    /cluster\.archive: backend docker keeps no archive of WAL; use --backend local/,
  ],
  [
    'a demand on restores without one',
    '{ nodes: 3 }',
    '{ restorable: yes }',
    'local',
    /expect\.restorable: judges restores, and the cluster has no archive; write cluster: \{ archive: folder \}/,
  ],
])('%s is refused', (_what, cluster, demands, backend, said) => {
  expect(() => planned(cluster, demands, backend)).toThrow(said);
});
