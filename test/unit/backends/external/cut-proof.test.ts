import { expect, test } from 'vitest';
import {
  allPaths,
  keyOf,
  pathsCutBy,
  proofOf,
} from '../../../../src/backends/external/cut-proof.ts';
import type { Rule } from '../../../../src/contracts/cluster.ts';
import type { Layout } from '../../../../src/machine/layout.ts';
import type { Reached } from '../../../../src/machine/try-paths.ts';

const node = (name: string, address: string, dcs: readonly number[] = []) => ({
  name,
  address,
  servicePorts: { postgres: [5432], patroni: [8008], dcs },
});
const layout: Layout = {
  nodes: [node('db1', '10.0.0.1'), node('db2', '10.0.0.2')],
  dcs: [
    {
      name: 'etcd:2379',
      address: '10.0.0.9',
      servicePorts: { postgres: [], patroni: [], dcs: [2379, 2380] },
    },
  ],
  sites: [],
};
const all = allPaths(layout);
const cut = (rule: Partial<Rule>): readonly Rule[] => [
  { action: 'drop', direction: 'in', peer: { kind: 'all' }, service: 'all', ...rule },
];
const shown = (rules: readonly Rule[]) =>
  pathsCutBy('db1', rules, layout, all).map(({ from, to, port }) => `${from} ${to} ${port}`);
const found = (of: (from: string) => Reached) =>
  new Map(all.map((path) => [keyOf(path), of(path.from)]));
const open = found(() => 'open');

test('a cut from all is tried from the node, from its peers and from the clients', () => {
  expect(shown(cut({}))).toEqual([
    'db1 db2 5432',
    'db1 db2 8008',
    'db1 etcd:2379 2379',
    'clients db1 5432',
    'clients db1 8008',
    'db2 db1 5432',
    'db2 db1 8008',
  ]);
});

test('a cut of one service, or from the DCS, is tried on its ports alone', () => {
  expect(shown(cut({ peer: { kind: 'node', name: 'db2' }, service: 'postgres' }))).toEqual([
    'db1 db2 5432',
    'db2 db1 5432',
  ]);
  expect(shown(cut({ peer: { kind: 'dcs' } }))).toEqual(['db1 etcd:2379 2379']);
});

const paths = pathsCutBy('db1', cut({ peer: { kind: 'node', name: 'db2' } }), layout, all);

test('a cut is proven when what was open has no answer, in both directions', () => {
  const proof = proofOf(
    paths,
    open,
    found(() => 'cut'),
  );
  expect(proof).toEqual({
    tried: [
      'db1 to db2:5432: no answer',
      'db1 to db2:8008: no answer',
      'db2 to db1:5432: no answer',
      'db2 to db1:8008: no answer',
    ],
  });
});

test('a path that is still open is named: the rules are there, and another firewall comes first', () => {
  const now = found((from) => (from === 'db1' ? 'cut' : 'open'));
  expect(proofOf(paths, open, now).doubt).toBe(
    'it is not in force: db2 to db1:5432, db2 to db1:8008 is still open',
  );
});

test('a cut that could be tried from one side only is not proven', () => {
  const now = found((from) => (from === 'db1' ? 'cut' : 'other'));
  expect(proofOf(paths, open, now).doubt).toContain('no path db2 to db1 was open before');
});

test('silence where there was silence before proves nothing', () => {
  const silent = found(() => 'cut');
  expect(proofOf(paths, silent, silent)).toEqual({
    tried: [],
    doubt: expect.stringContaining(
      'no path db1 to db2, db2 to db1 was open before and is closed now',
    ) as string,
  });
});

test('a cut from a proxy is tried from its machine, and one at its machine from the clients too', () => {
  const noPorts = { postgres: [], patroni: [], dcs: [] };
  const lb = { name: 'lb1', address: '10.0.0.7', servicePorts: { ...noPorts, postgres: [5000] } };
  const behind: Layout = { ...layout, proxies: [lb] };
  const cutAt = (machine: string, rule: Partial<Rule>) =>
    pathsCutBy(machine, cut(rule), behind, allPaths(behind)).map(
      ({ from, to, port }) => `${from} ${to} ${port}`,
    );
  expect(cutAt('db1', { peer: { kind: 'proxies' } })).toEqual(['lb1 db1 5432', 'lb1 db1 8008']);
  expect(cutAt('lb1', { peer: { kind: 'node', name: 'db2' } })).toEqual([
    'lb1 db2 5432',
    'lb1 db2 8008',
  ]);
  expect(cutAt('lb1', { peer: { kind: 'clients' } })).toEqual(['clients lb1 5000']);
});
