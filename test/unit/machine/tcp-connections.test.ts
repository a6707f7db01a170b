import { expect, test } from 'vitest';
import type { Layout } from '../../../src/machine/layout.ts';
import { isWith, rulesText } from '../../../src/machine/packet-rules.ts';
import { readConnections } from '../../../src/machine/tcp-connections.ts';

const connection = {
  localAddress: '10.77.0.11',
  localPort: 5432,
  remoteAddress: '10.77.0.21',
  remotePort: 50_000,
};

test('connections of both versions of IP are read as the kernel prints them', () => {
  const lines = [
    '0B004D0A:1538 15004D0A:C350',
    '0000000000000000FFFF00000B004D0A:1538 0000000000000000FFFF000015004D0A:C350',
    'B80D0120000000000000000001000000:1538 000080FE00000000FF005450B6C100FE:01BB',
  ];
  expect(readConnections(lines.join('\n'))).toEqual([
    connection,
    connection,
    {
      localAddress: '2001:db8::1',
      localPort: 5432,
      remoteAddress: 'fe80::5054:ff:fe00:c1b6',
      remotePort: 443,
    },
  ]);
  expect(() => readConnections('0B004D0A:1538')).toThrow('not a line about a connection');
});

const layout: Layout = {
  nodes: [
    { name: 'pg1', address: '10.77.0.11' },
    { name: 'pg2', address: '10.77.0.12' },
  ],
  dcs: [{ name: 'pg2', address: '10.77.0.12' }],
  sites: [{ name: 'clients', address: '10.77.0.21' }],
};

test('a connection belongs to the peer whose address it has, and to the service of either port', () => {
  const at = { layout, node: 'pg1' };
  const clients = { kind: 'clients' } as const;
  expect(isWith(connection, at, { peer: clients, service: 'postgres' })).toBe(true);
  expect(isWith(connection, at, { peer: clients, service: 'patroni' })).toBe(false);
  const pg2 = { kind: 'node', name: 'pg2' } as const;
  expect(isWith(connection, at, { peer: pg2, service: 'all' })).toBe(false);
  // etcd of pg2 stands for a machine of its own.
  const toDcs = { ...connection, localPort: 40_000, remoteAddress: '10.77.0.12', remotePort: 2379 };
  expect(isWith(toDcs, at, { peer: pg2, service: 'all' })).toBe(false);
  expect(isWith(toDcs, at, { peer: { kind: 'dcs' }, service: 'all' })).toBe(true);
});

test('a rule for one connection names both of its ends, in the version of IP that it has', () => {
  const rule = { action: 'reject', peer: { kind: 'all' }, service: 'all', connection } as const;
  const [into] = rulesText(layout, 'pg1', 't', [{ ...rule, direction: 'in' }]);
  expect(into).toMatch(
    /^-A FP-[0-9a-f]{12}-I -s 10\.77\.0\.21 -p tcp ! --tcp-flags RST RST --sport 50000 --dport 5432 -j REJECT --reject-with tcp-reset$/,
  );
  const [out] = rulesText(layout, 'pg1', 't', [{ ...rule, action: 'drop', direction: 'out' }]);
  expect(out).toMatch(/-O -d 10\.77\.0\.21 -p tcp --sport 5432 --dport 50000 -j DROP$/);
  expect(rulesText(layout, 'pg1', 't', [{ ...rule, direction: 'in' }], 6)).toEqual([]);
});

test('a rule for large packets has their size', () => {
  const peer = { kind: 'node', name: 'pg2' } as const;
  const rule = {
    action: 'drop',
    direction: 'out',
    peer,
    service: 'postgres',
    minBytes: 1201,
  } as const;
  expect(rulesText(layout, 'pg1', 't', [rule])[0]).toContain(
    '--dport 5432 -m length --length 1201:65535 -j DROP',
  );
});
