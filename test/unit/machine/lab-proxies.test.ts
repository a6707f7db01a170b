import { expect, test } from 'vitest';
import type { Rule } from '../../../src/contracts/cluster.ts';
import type { RouteSpec } from '../../../src/contracts/route.ts';
import { readComposeFile } from '../../../src/backends/docker/compose-file.ts';
import { layOut as layOutDocker } from '../../../src/backends/docker/layout.ts';
import { layOut } from '../../../src/backends/local/layout.ts';
import { networkControl } from '../../../src/machine/network.ts';
import { rulesText } from '../../../src/machine/packet-rules.ts';
import type { Shell } from '../../../src/contracts/shell.ts';

const pool = { on25006: 'reconnect' } as const;
const text = 'listen db\n  mode tcp\n  bind *:7000\n';
const own = { file: 'haproxy.cfg', text };
const direct: RouteSpec = { name: 'app', via: 'haproxy', clients: 1, pool };
const routes: readonly RouteSpec[] = [
  direct,
  { ...direct, name: 'own', config: own },
  { ...direct, name: 'pooled', via: 'pgbouncer', leadsTo: 'haproxy' },
];
const layout = layOut({ nodes: 3 }, routes);
const drop = { action: 'drop', direction: 'in' } as const;
const fromClients: Rule = {
  ...drop,
  peer: { kind: 'clients', site: 'clients' },
  service: 'postgres',
};

const matchesOf = (node: string, rule: Rule, at = layout) =>
  rulesText(at, node, 'cut', [rule]).map((line) => line.replace(/^-A \S+ /, ''));

/** The command would put rules in force; these tests look at whether it is run at all. */
function controlOf(node: string, at = layout) {
  const ran: (readonly string[])[] = [];
  const shell: Shell = {
    description: node,
    run: (argv) => {
      ran.push(argv);
      return Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
    },
    open: () => Promise.reject(new Error('nothing is opened')),
  };
  return { control: networkControl({ name: node, shell }, at), ran };
}

test.each([
  ['haproxy1', 5000],
  ['haproxy2', 7000],
  ['pgbouncer1', 6432],
])('clients are cut from %s at the port where they connect to it, %i', (name, port) => {
  expect(matchesOf(name, fromClients)).toEqual([`-s 10.77.0.201 -p tcp --dport ${port} -j DROP`]);
});

test('the proxies of containers listen on the same ports', async () => {
  const services = await readComposeFile({ FORKPOINT_SUBNET: '10.213.7' });
  const where = { nodes: 3, subnet: '10.213.7', hasClientContainers: true };
  const { layout: made } = layOutDocker(services, { ...where, routes });
  expect(made.proxies).toEqual(
    [5000, 7000, 6432].map((port, index) => ({
      name: ['haproxy1', 'haproxy2', 'pgbouncer1'][index],
      address: `10.213.7.${221 + index}`,
      servicePorts: { postgres: [port], patroni: [], dcs: [] },
    })),
  );
});

test('a rule that matches no packet is refused, and nothing is run', async () => {
  const { control, ran } = controlOf('haproxy1');
  const none: Rule = { ...fromClients, service: 'patroni' };
  await expect(control.apply('cut', [fromClients, none])).rejects.toThrow(
    'haproxy1: nothing to cut: there is no traffic of service patroni with {"kind":"clients"',
  );
  expect(ran).toEqual([]);
  await control.apply('cut', [fromClients]);
  expect(ran).toHaveLength(1);
});

test('a proxy is no peer of itself', async () => {
  const fromProxies: Rule = { ...drop, peer: { kind: 'proxies' }, service: 'all' };
  expect(matchesOf('haproxy1', fromProxies)).toEqual([
    '-s 10.77.0.222 -j DROP',
    '-s 10.77.0.223 -j DROP',
  ]);
  const alone = controlOf('haproxy1', layOut({ nodes: 3 }, [direct]));
  await expect(alone.control.apply('cut', [fromProxies])).rejects.toThrow('nothing to cut');
});
