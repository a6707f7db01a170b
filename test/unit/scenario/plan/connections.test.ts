import { describe, expect, test } from 'vitest';
import docker from '../../../../src/backends/docker.ts';
import local from '../../../../src/backends/local.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../../src/scenario/plan/plan.ts';
import { scenarioRegistry } from '../../../helpers/scenario-registry.ts';

const registry = { ...scenarioRegistry, backends: new Map(Object.entries({ local, docker })) };

function planned(cluster: string, clients: number, backend = 'local') {
  const load = `load: { duration: 30s, clients: ${clients} }`;
  const text = `name: x\nclaim: It holds.\ncluster: ${cluster}\n${load}\nexpect: { lost: 0 }\n`;
  const scenario = parseScenario(text, { file: 'x.yaml', registry });
  return planScenario(scenario, { seed: 1, backend, registry, platform: 'linux' });
}

const limit = (cluster: string, clients: number, backend?: string) =>
  planned(cluster, clients, backend).scenario.cluster.parameters.max_connections;

describe('max_connections', () => {
  test('stays the default of the lab if the clients fit', () => {
    expect([limit('{}', 16), limit('{}', 137)]).toEqual([undefined, undefined]);
  });

  test.each([
    ['local', '{}'],
    ['docker', '{}'],
    ['docker', '{ topology: single }'],
  ])('follows from many clients on %s with cluster: %s', (backend, cluster) => {
    expect(limit(cluster, 500, backend)).toBe('1025');
  });

  test('is the value of the scenario if that is enough', () => {
    expect(limit('{ parameters: { max_connections: 525 } }', 500)).toBe('525');
    const ofPatroni = '{ patroni: { postgresql: { parameters: { max_connections: 525 } } } }';
    expect(limit(ofPatroni, 500)).toBeUndefined();
  });

  test.each([
    ['parameters', '{ parameters: { max_connections: 524 } }'],
    [
      'patroni.postgresql.parameters',
      '{ patroni: { postgresql: { parameters: { max_connections: 524 } } } }',
    ],
  ])('that is too low for the clients is refused by the planner: in %s', (key, cluster) => {
    expect(() => planned(cluster, 500)).toThrow(
      `cluster.${key}.max_connections: 524 is too low for load.clients: 500 clients and 25 connections for observers, ` +
        'Patroni and superusers need 525 or more',
    );
  });
});
