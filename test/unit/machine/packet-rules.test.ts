import { expect, test } from 'vitest';
import type { Rule } from '../../../src/contracts/cluster.ts';
import { ScenarioError } from '../../../src/std/errors.ts';
import { layOut } from '../../../src/backends/local/layout.ts';
import { applyText, chainsOf, clearText } from '../../../src/machine/packet-rules.ts';

const layout = layOut({ nodes: 3 });
const chains = chainsOf('cut#1');

/** The rules alone, with short names for the tag's chains. */
function rulesOf(...rules: readonly Rule[]): readonly string[] {
  return applyText(layout, 'pg1', 'cut#1', rules)
    .body.split('\n')
    .filter((line) => line.startsWith('-A'))
    .map((line) => line.replace(chains.in, 'IN').replace(chains.out, 'OUT'));
}

const drop = { action: 'drop', service: 'all' } as const;

test('a cut from all is one rule for each direction', () => {
  const peer = { kind: 'all' } as const;
  expect(rulesOf({ ...drop, direction: 'in', peer }, { ...drop, direction: 'out', peer })).toEqual([
    '-A IN -j DROP',
    '-A OUT -j DROP',
  ]);
});

test('a service is matched by its port on either end, so that open connections are cut too', () => {
  const peer = { kind: 'node', name: 'pg2' } as const;
  expect(rulesOf({ action: 'drop', direction: 'out', peer, service: 'postgres' })).toEqual([
    '-A OUT -d 10.77.0.12 -p tcp --dport 5432 -j DROP',
    '-A OUT -d 10.77.0.12 -p tcp --sport 5432 -j DROP',
  ]);
});

test('a cut between two nodes spares the DCS member that shares an address', () => {
  const peer = { kind: 'node', name: 'pg2' } as const;
  const rules = rulesOf(
    { ...drop, direction: 'in', peer },
    { action: 'reject', direction: 'out', peer, service: 'all' },
  );
  expect(rules).toEqual([
    '-A IN -s 10.77.0.12 ! -p tcp -j DROP',
    '-A IN -s 10.77.0.12 -p tcp -m multiport ! --ports 2379,2380 -j DROP',
    '-A OUT -d 10.77.0.12 -p tcp ! --tcp-flags RST RST -m multiport ! --ports 2379,2380 -j REJECT --reject-with tcp-reset',
  ]);
});

test('a cut from the DCS covers both ports of the other etcd members, and nothing else', () => {
  expect(rulesOf({ ...drop, direction: 'in', peer: { kind: 'dcs' } })).toEqual([
    '-A IN -s 10.77.0.12 -p tcp --dport 2379 -j DROP',
    '-A IN -s 10.77.0.12 -p tcp --sport 2379 -j DROP',
    '-A IN -s 10.77.0.12 -p tcp --dport 2380 -j DROP',
    '-A IN -s 10.77.0.12 -p tcp --sport 2380 -j DROP',
    '-A IN -s 10.77.0.13 -p tcp --dport 2379 -j DROP',
    '-A IN -s 10.77.0.13 -p tcp --sport 2379 -j DROP',
    '-A IN -s 10.77.0.13 -p tcp --dport 2380 -j DROP',
    '-A IN -s 10.77.0.13 -p tcp --sport 2380 -j DROP',
  ]);
});

test('clients means all client sites, or the named one', () => {
  const from = (site?: string) =>
    rulesOf({ ...drop, direction: 'in', peer: { kind: 'clients', ...(site && { site }) } });
  expect([from(), from('minority')]).toEqual([
    ['-A IN -s 10.77.0.201 -j DROP', '-A IN -s 10.77.0.202 -j DROP'],
    ['-A IN -s 10.77.0.202 -j DROP'],
  ]);
});

test('packet loss drops a random share, and a rejected connection is reset', () => {
  const peer = { kind: 'all' } as const;
  expect(
    rulesOf(
      { ...drop, direction: 'in', peer, probability: 0.6 },
      { action: 'reject', direction: 'in', peer, service: 'all' },
    ),
  ).toEqual([
    '-A IN -m statistic --mode random --probability 0.600000 -j DROP',
    '-A IN -p tcp ! --tcp-flags RST RST -j REJECT --reject-with tcp-reset',
  ]);
});

test('a peer that the lab lacks is an error of the scenario', () => {
  const cut =
    (peer: Rule['peer'], service: Rule['service'] = 'all') =>
    () =>
      rulesOf({ action: 'drop', direction: 'in', peer, service });
  expect(cut({ kind: 'node', name: 'pg4' })).toThrow(ScenarioError);
  expect(cut({ kind: 'node', name: 'pg4' })).toThrow('no node pg4; it has pg1, pg2, pg3');
  expect(cut({ kind: 'clients', site: 'mars' })).toThrow('no client site mars');
  expect(cut({ kind: 'dcs' }, 'postgres')).toThrow("the DCS has no service 'postgres'");
});

test('clearing a tag removes exactly what applying it made', () => {
  const made = applyText(layout, 'pg1', 'cut#1', []);
  expect([made.body, made.hooks, clearText('cut#1')].map((text) => text.split('\n'))).toEqual([
    ['*filter', `:${chains.in} - [0:0]`, `:${chains.out} - [0:0]`],
    [`-A INPUT -j ${chains.in}`, `-A OUTPUT -j ${chains.out}`],
    [
      '*filter',
      `:${chains.in} - [0:0]`,
      `:${chains.out} - [0:0]`,
      `-D INPUT -j ${chains.in}`,
      `-D OUTPUT -j ${chains.out}`,
      `-X ${chains.in}`,
      `-X ${chains.out}`,
      'COMMIT',
      '',
    ],
  ]);
});

test('a tag of any length and spelling gives valid chain names', () => {
  const { in: name } = chainsOf('a very long name; with $(bad) characters '.repeat(20));
  expect(name).toMatch(/^[A-Z0-9a-f-]{1,28}$/);
});

test('a cut from the proxies is a cut from the machine of each; without any it is refused', () => {
  const pool = { on25006: 'reconnect' } as const;
  const routes = [
    { name: 'app', via: 'haproxy', clients: 1, pool },
    { name: 'pooled', via: 'pgbouncer', clients: 1, pool, leadsTo: 'haproxy' },
  ] as const;
  const rule: Rule = { ...drop, direction: 'in', peer: { kind: 'proxies' } };
  const lines = applyText(layOut({ nodes: 3 }, routes), 'pg1', 'cut#1', [rule]).body.split('\n');
  expect(lines.filter((line) => line.startsWith('-A'))).toEqual([
    `-A ${chains.in} -s 10.77.0.221 -j DROP`,
    `-A ${chains.in} -s 10.77.0.222 -j DROP`,
  ]);
  expect(() => rulesOf(rule)).toThrow(ScenarioError);
});
