import { expect, test } from 'vitest';
import { loadRegistry } from '../../../src/registry.ts';
import { parseScenario } from '../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../src/scenario/plan/plan.ts';
import { serversOf, sessionsOn } from '../../../faults/support/haproxy-servers.ts';
import { proxiesOfKind } from '../../../faults/support/proxies.ts';
import { scriptedShell } from '../../../src/conformance/recording/scripted-shell.ts';
import { RecordingCluster } from '../../helpers/recording-cluster.ts';

const registry = await loadRegistry();

function refusal(route: string, fault: string): string {
  const text = `name: x
claim: It holds.
load: { duration: 60s, clients: 4, route: ${route} }
faults: [${fault}]
expect: { lost: 0 }
`;
  try {
    const scenario = parseScenario(text, { file: 'x.yaml', registry });
    planScenario(scenario, { seed: 1, registry, backend: 'local', platform: 'linux' });
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

test.each([
  ['haproxy', '{ at: 5s, fault: drain-proxy, target: leader, for: 10s }', 'accepted'],
  [
    '{ via: pgbouncer, pooling: transaction }',
    '{ at: 5s, fault: drain-proxy, target: leader, for: 10s }',
    'accepted',
  ],
  [
    '{ via: pgbouncer, pooling: transaction }',
    '{ at: 5s, fault: pause-pool, for: 10s }',
    'accepted',
  ],
  [
    'direct',
    '{ at: 5s, fault: drain-proxy, target: leader, for: 10s }',
    'no client reaches the cluster by a haproxy: set load.route to { via: haproxy }',
  ],
  [
    'haproxy',
    '{ at: 5s, fault: pause-pool, for: 10s }',
    'no client reaches the cluster by a pgbouncer: set load.route to { via: pgbouncer }',
  ],
  [
    '{ via: pgbouncer, leadsTo: pg1, pooling: transaction }',
    '{ at: 5s, fault: drain-proxy, target: leader, for: 10s }',
    'no client reaches the cluster by a haproxy: set load.route to { via: haproxy }',
  ],
  [
    'pgbouncer',
    '{ at: 5s, fault: pause-pool, for: 10s }',
    'route pgbouncer pools sessions, and PAUSE would wait until its clients leave: set pooling: transaction',
  ],
  [
    'direct',
    '{ at: 5s, fault: shutdown-postgres, target: leader, mode: fast, patience: 5s }',
    'patience: a fast shutdown waits for no session',
  ],
  ['direct', '{ at: 5s, fault: shutdown-postgres, target: leader, mode: smart }', 'accepted'],
])('with route %s, `%s` is answered with: %s', (route, fault, said) => {
  expect(refusal(route, fault)).toContain(said);
});

const { signal } = new AbortController();
const { cluster } = new RecordingCluster();

/** HAProxy 2.6's own columns, shortened. The user called his servers otherwise than the nodes. */
const answers: Readonly<Record<string, string>> = {
  'show servers state': `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight
4 writes 1 db-a pg1 2 8 1
4 writes 2 db-b pg2 2 0 1

`,
  'show stat':
    '# pxname,svname,qcur,qmax,scur,smax\nwrites,FRONTEND,,,9,9\nwrites,db-a,0,0,3,5\nwrites,db-b,0,0,0,0\n',
};
const proxy = {
  name: 'haproxy1',
  shell: scriptedShell(([, command = '']) => ({ stdout: answers[command] ?? '' })),
  control: { kind: 'haproxy' as const, adminCommand: (command: string) => ['ask', command] },
};

test("a node's servers are found by its address, with the connections that they have", async () => {
  const servers = await serversOf(proxy, ['pg1', 'pg2'], { cluster, signal });
  expect(servers.map(({ node, path, isDrained }) => [node, path, isDrained])).toEqual([
    ['pg1', 'writes/db-a', true],
    ['pg2', 'writes/db-b', false],
  ]);
  expect(await Promise.all(servers.map((server) => sessionsOn(server, signal)))).toEqual([3, 0]);
});

test('a node that an HAProxy does not have is named, with what it has', async () => {
  await expect(serversOf(proxy, ['pg3'], { cluster, signal })).rejects.toThrow(
    'haproxy1: no server is pg3; it has: db-a (pg1), db-b (pg2)',
  );
});

test('a cluster without such a proxy is an error', () => {
  expect(() => proxiesOfKind({ id: 'x' }, 'haproxy')).toThrow(
    'cluster x: it has no haproxy whose program can be asked',
  );
});
