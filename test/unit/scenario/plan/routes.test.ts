import { expect, test } from 'vitest';
import { loadRegistry } from '../../../../src/registry.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../../src/scenario/plan/plan.ts';

const registry = await loadRegistry();

/** The planner's refusals of these routes. */
function refusals(routes: string, more = 'expect: { lost: 0 }', backend = 'local'): string[] {
  const text = `name: x\nclaim: It holds.\nload: { duration: 30s, routes: ${routes} }\n${more}\n`;
  const scenario = parseScenario(text, { file: 'x.yaml', registry });
  try {
    planScenario(scenario, { seed: 1, backend, registry, platform: 'linux' });
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

test('routes that the cluster will have are planned', () => {
  expect(
    refusals(
      '{ direct: 1, haproxy: 1, pooled: { via: pgbouncer, leadsTo: pg3, clients: 1 }, address: { node: pg1, clients: 1 } }',
    ),
  ).toEqual([]);
});

test.each([
  [
    '{ list: { via: multi-host, hosts: [pg1, pg7], clients: 1 } }',
    "load.routes.list.hosts[1]: there is no node 'pg7'; did you mean 'pg1'?",
  ],
  [
    '{ pgbouncer: { leadsTo: haproxie, clients: 1 } }',
    "load.routes.pgbouncer.leadsTo: there is no node 'haproxie'",
  ],
  [
    '{ address: { host: db, clients: 1 } }',
    "x.yaml:3:43: load.routes.address: needs node: a lab's clients reach the lab's own network only, and it has no other address",
  ],
])('%s is refused with its position', (routes, message) => {
  expect(refusals(routes)[0]).toContain(message);
});

test('a proxy before a single server in a container is refused, and one before a cluster is planned', () => {
  const more = (topology: string) => `cluster: { ${topology} }\nexpect: { lost: 0 }`;
  expect(refusals('{ haproxy: 4 }', more('nodes: 3'), 'docker')).toEqual([]);
  expect(refusals('{ haproxy: 4 }', more('nodes: 1, topology: single'), 'docker')).toEqual([
    'x.yaml:3:43: load.routes.haproxy: a single server has no haproxy before it',
  ]);
});

test.each(['local', 'docker'])('proxies of a lab on %s are targets of packet faults', (backend) => {
  const cut = (target: string) =>
    `faults: [{ at: 1s, fault: partition, target: ${target}, from: peers }]\nexpect: { lost: 0 }`;
  const routes = '{ haproxy: 1, pooled: { via: pgbouncer, clients: 1 } }';
  for (const target of ['haproxy1', 'pgbouncer1', 'proxies']) {
    expect(refusals(routes, cut(target), backend)).toEqual([]);
  }
  expect(refusals(routes, cut('haproxy2'), backend)[0]).toContain(
    "faults[0].target: unknown target 'haproxy2'; did you mean 'haproxy1'?",
  );
  expect(refusals('{ direct: 1 }', cut('proxies'), backend)[0]).toContain(
    'faults[0].target: this cluster has no proxies whose machines are known',
  );
});

test('a demand on a route that the load does not have is refused', () => {
  const found = refusals('{ direct: 4 }', 'expect: { routes: { directt: { lost: 0 } } }');
  expect(found).toEqual([
    "x.yaml:4:30: expect.routes.directt: the load has no route 'directt'; did you mean 'direct'?",
  ]);
});

test('a partition from proxies of which the load has none is refused', () => {
  const cut = 'faults: [{ at: 1s, fault: partition, target: leader, from: proxies }]';
  expect(refusals('{ direct: 4 }', `${cut}\nexpect: { lost: 0 }`)[0]).toContain(
    "proxies: none of the load's routes has an HAProxy or a PgBouncer",
  );
});
