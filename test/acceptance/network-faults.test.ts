import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Node } from '../../src/contracts/cluster.ts';
import { bootLab, temporaryReports } from '../helpers/local-lab.ts';
import {
  atSite,
  bytesPerSecond,
  datagrams,
  harm,
  knockAt,
  onNode,
  type Place,
  roundTripsMs,
} from '../helpers/wire.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

// What really flows on a real lab, for each network fault. Four nodes, so that a ring has an effect; the DCS has members on
// the first three.

const reports = temporaryReports();
const names = ['pg1', 'pg2', 'pg3', 'pg4'];
let cluster: Cluster;
let nodes: Readonly<Record<string, Node>>;

const owned = ownedBySuite();
owned.use(reports);
beforeAll(async () => {
  cluster = owned.use(await bootLab(reports.folder, { nodes: 4 }));
  nodes = Object.fromEntries(cluster.nodes.map((node) => [node.name, node]));
});

afterEach(async () => {
  const left = await Promise.all(
    cluster.nodes.map(async (node) => {
      const rules = (await node.shell!.run(['iptables', '-S'])).stdout.split('\n');
      const queues = (await node.shell!.run(['tc', 'qdisc', 'show', 'dev', 'eth0'])).stdout.split(
        '\n',
      );
      const links = (await node.shell!.run(['ip', '-o', 'link'])).stdout.split('\n');
      const ours = [/FP-/, /f0f\d:/, /fprelay/];
      return [...rules, ...queues, ...links].filter((line) => ours.some((one) => one.test(line)));
    }),
  );
  expect(left.flat()).toEqual([]);
});

const inject = (name: string, params: Readonly<Record<string, unknown>>, ...targets: string[]) =>
  harm(cluster, name, params, targets);
const host = (name: string) => nodes[name]!.endpoint.host;
const at = (name: string): Place => (nodes[name] ? onNode(nodes[name]) : atSite(cluster, name));
const end = (name: string) => ({ place: at(name), host: host(name) });
const ports = { sql: 5432, rest: 8008, dcs: 2379 } as const;

/** Which ports, such as `pg1:sql`, can be reached from there: `pg1:sql open`, `silent` or `reset`. */
async function seen(from: string, ...doors: readonly string[]): Promise<readonly string[]> {
  const addresses = doors.map((door) => {
    const [name = '', port = ''] = door.split(':');
    return `${host(name)}:${ports[port as keyof typeof ports]}`;
  });
  const answers = await knockAt(at(from), addresses);
  return doors.map((door, index) => `${door} ${answers[index] ?? 'unknown'}`);
}

/** For each node, the other nodes that it reaches. */
async function neighbours(): Promise<readonly string[]> {
  return Promise.all(
    names.map(async (name) => {
      const others = names.filter((other) => other !== name);
      const answers = await seen(name, ...others.map((other) => `${other}:sql`));
      const open = answers.filter((answer) => answer.endsWith('open'));
      return `${name}: ${open.map((answer) => answer.slice(0, 3)).join(' ')}`;
    }),
  );
}

describe('a partition', () => {
  test('from peers cuts the node off from the other nodes, but not from the DCS beside them or the clients', async () => {
    await using _cut = disposable(await inject('partition', { from: 'peers' }, 'pg4'));
    expect([
      await seen('pg4', 'pg1:sql', 'pg1:rest', 'pg1:dcs', 'pg2:dcs'),
      await seen('clients', 'pg4:sql', 'pg4:rest'),
    ]).toEqual([
      ['pg1:sql silent', 'pg1:rest silent', 'pg1:dcs open', 'pg2:dcs open'],
      ['pg4:sql open', 'pg4:rest open'],
    ]);
  });

  test('from the dcs leaves the node its peers and clients', async () => {
    await using _cut = disposable(await inject('partition', { from: 'dcs' }, 'pg4'));
    expect([
      await seen('pg4', 'pg1:dcs', 'pg2:dcs', 'pg3:dcs', 'pg1:sql', 'pg1:rest'),
      await seen('clients', 'pg4:sql'),
    ]).toEqual([
      ['pg1:dcs silent', 'pg2:dcs silent', 'pg3:dcs silent', 'pg1:sql open', 'pg1:rest open'],
      ['pg4:sql open'],
    ]);
  });

  test('of the replication port alone leaves the REST API, the DCS and the clients', async () => {
    const only = { from: 'peers', service: 'postgres' };
    await using _cut = disposable(await inject('partition', only, 'pg3'));
    expect([
      await seen('pg3', 'pg1:sql', 'pg1:rest', 'pg1:dcs'),
      await seen('pg1', 'pg3:sql', 'pg3:rest', 'pg3:dcs'),
      await seen('clients', 'pg3:sql'),
    ]).toEqual([
      ['pg1:sql silent', 'pg1:rest open', 'pg1:dcs open'],
      ['pg3:sql silent', 'pg3:rest open', 'pg3:dcs open'],
      ['pg3:sql open'],
    ]);
  });

  test('from clients leaves the nodes connected, and from one client site leaves the other site', async () => {
    const all = await inject('partition', { from: 'clients' }, 'pg4');
    const first = [await seen('clients', 'pg4:sql'), await seen('pg1', 'pg4:sql')];
    await all.heal();
    const one = await inject('partition', { from: 'clients@minority' }, 'pg4');
    const second = [await seen('clients', 'pg4:sql'), await seen('minority', 'pg4:sql')];
    await one.heal();
    expect([first, second]).toEqual([
      [['pg4:sql silent'], ['pg4:sql open']],
      [['pg4:sql open'], ['pg4:sql silent']],
    ]);
  });

  test('from all leaves the node no connection', async () => {
    await using _cut = disposable(await inject('partition', {}, 'pg4'));
    expect([await seen('pg4', 'pg1:sql', 'pg1:dcs'), await seen('clients', 'pg4:sql')]).toEqual([
      ['pg1:sql silent', 'pg1:dcs silent'],
      ['pg4:sql silent'],
    ]);
  });

  test('of one direction lets datagrams through in the other direction', async () => {
    const both = async () => {
      const [out, back] = [
        await datagrams(at('pg4'), end('pg1'), 20),
        await datagrams(at('pg1'), end('pg4'), 20),
      ];
      return [out.length, back.length];
    };
    const outwards = await inject('partition', { direction: 'out', from: 'peers' }, 'pg4');
    const cutOut = await both();
    await outwards.heal();
    const inwards = await inject('partition', { direction: 'in', from: 'peers' }, 'pg4');
    const cutIn = await both();
    await inwards.heal();
    expect([cutOut, cutIn]).toEqual([
      [0, 20],
      [20, 0],
    ]);
  });

  test('in halves connects each side only to itself, and leaves the DCS to the side without the target', async () => {
    const cut = await inject('partition', { split: 'halves' }, 'pg4');
    const found = [await neighbours(), await seen('pg4', 'pg1:dcs', 'pg2:dcs', 'pg3:dcs')];
    await cut.heal();
    const { sides } = cut.detail as { readonly sides: readonly [string[], string[]] };
    const mates = (name: string) =>
      sides
        .find((side) => side.includes(name))!
        .filter((mate) => mate !== name && mate !== 'dcs')
        .join(' ');
    expect([sides[0].length, sides[0].includes('pg4'), found]).toEqual([
      2,
      true,
      [
        names.map((name) => `${name}: ${mates(name)}`),
        ['pg1:dcs silent', 'pg2:dcs silent', 'pg3:dcs silent'],
      ],
    ]);
  });

  test('in a ring leaves each node its two neighbours', async () => {
    await using _ring = disposable(await inject('partition', { split: 'ring' }, ...names));
    expect([await neighbours(), await seen('clients', 'pg1:sql', 'pg3:sql')]).toEqual([
      ['pg1: pg2 pg4', 'pg2: pg1 pg3', 'pg3: pg2 pg4', 'pg4: pg1 pg3'],
      ['pg1:sql open', 'pg3:sql open'],
    ]);
  });

  test('in sides lets a target and its clients reach only each other', async () => {
    const split = [
      ['target', 'clients@minority'],
      ['others', 'clients@clients', 'dcs'],
    ];
    await using _cut = disposable(await inject('partition', { split }, 'pg4'));
    expect([
      await seen('minority', 'pg4:sql', 'pg1:sql', 'pg2:sql'),
      await seen('clients', 'pg4:sql', 'pg1:sql', 'pg2:sql'),
      await seen('pg4', 'pg1:sql', 'pg1:dcs', 'pg3:dcs'),
    ]).toEqual([
      ['pg4:sql open', 'pg1:sql silent', 'pg2:sql silent'],
      ['pg4:sql silent', 'pg1:sql open', 'pg2:sql open'],
      ['pg1:sql silent', 'pg1:dcs silent', 'pg3:dcs silent'],
    ]);
  });
});

describe('reject', () => {
  test('resets at once where a partition is silent, whichever side connects', async () => {
    await using _no = disposable(await inject('reject', { from: ['peers', 'clients'] }, 'pg4'));
    expect([
      await seen('clients', 'pg4:sql'),
      await seen('pg1', 'pg4:sql'),
      await seen('pg4', 'pg1:sql', 'pg1:dcs'),
    ]).toEqual([['pg4:sql reset'], ['pg4:sql reset'], ['pg1:sql reset', 'pg1:dcs open']]);
  });

  test('of one direction resets connections of that direction', async () => {
    const how = { from: 'peers', direction: 'in', service: 'postgres' };
    await using _no = disposable(await inject('reject', how, 'pg4'));
    expect(await seen('pg1', 'pg4:sql', 'pg4:rest')).toEqual(['pg4:sql reset', 'pg4:rest open']);
  });
});

describe('packet-loss', () => {
  test.each([
    ['100%', 0, 0],
    ['50%', 120, 180],
  ])('of %s lets between %i and %i of 300 datagrams arrive', async (loss, least, most) => {
    const how = { loss, from: 'peers', direction: 'in' };
    await using _loss = disposable(await inject('packet-loss', how, 'pg4'));
    const arrived = (await datagrams(at('pg1'), end('pg4'), 300)).length;
    const spared = (await datagrams(at('pg4'), end('pg1'), 50)).length;
    expect([arrived >= least, arrived <= most, spared]).toEqual([true, true, 50]);
  });
});

describe('shaping', () => {
  test('latency makes each round trip that much longer, and none to or from the harness', async () => {
    const before = least(await roundTripsMs(at('clients'), host('pg4')));
    const harmed = await inject('latency', { delay: '200ms' }, 'pg4');
    const during = await roundTripsMs(at('clients'), host('pg4'), { count: 5 });
    // A closed port of the bridge: the address that the harness observes from.
    const toHarness = least(await roundTripsMs(at('pg4'), '10.77.0.1', { port: 9, count: 5 }));
    await harmed.heal();
    const after = least(await roundTripsMs(at('clients'), host('pg4')));
    const { means } = harmed.detail as { readonly means: Readonly<Record<string, string>> };
    expect({
      before: before < 50,
      during: least(during) >= 200 && least(during) < 230,
      after: after < 50,
      isObservedAtOnce: toHarness < 200,
      means: ['netem', 'a userspace relay'].includes(means.pg4 ?? ''),
    }).toEqual({
      before: true,
      during: true,
      after: true,
      isObservedAtOnce: true,
      means: true,
    });
  });

  test('latency at both ends delays both directions', async () => {
    await using _slow = disposable(await inject('latency', { delay: '40ms' }, 'pg3', 'pg4'));
    const found = least(await roundTripsMs(at('pg3'), host('pg4')));
    expect([found >= 80, found < 100]).toEqual([true, true]);
  });

  test('latency carries 100 Mbit/s and more', async () => {
    await using _slow = disposable(await inject('latency', { delay: '10ms' }, 'pg4'));
    expect(await bytesPerSecond(at('pg4'), end('pg1'))).toBeGreaterThan(12_500_000);
  });

  test('jitter varies the delay and keeps the order within a connection', async () => {
    const how = { delay: '30ms', jitter: '20ms' };
    await using _slow = disposable(await inject('latency', how, 'pg4'));
    const trips = await roundTripsMs(at('clients'), host('pg4'), { count: 40 });
    const arrived = await datagrams(at('pg4'), end('pg1'), 200);
    expect({
      isWithin: least(trips) >= 10 && least(trips) < 40,
      varies: Math.max(...trips) - least(trips) > 15,
      arrived,
    }).toEqual({ isWithin: true, varies: true, arrived: [...arrived.keys()] });
    expect(arrived.length).toBe(200);
  });

  test('bandwidth limits what the target sends, not what it receives', async () => {
    await using limited = disposable(await inject('bandwidth', { limit: '1MB/s' }, 'pg4'));
    const sent = await bytesPerSecond(at('pg4'), end('pg1'));
    const received = await bytesPerSecond(at('pg1'), end('pg4'), 0.5);
    expect([sent > 0.7e6, sent < 1.3e6, received > 3e6, limited.detail]).toEqual([
      ...[true, true, true],
      { bytesPerSecond: 1024 ** 2, means: { pg4: 'tbf' } },
    ]);
  });

  test('several tags combine: delays add up, the lowest rate counts, and they heal in any order', async () => {
    const first = await inject('latency', { delay: '20ms' }, 'pg4');
    const limited = await inject('bandwidth', { limit: '1MB/s' }, 'pg4');
    const second = await inject('latency', { delay: '30ms' }, 'pg4');
    const wide = await inject('bandwidth', { limit: '100MB/s' }, 'pg4');
    const look = async () => ({
      roundTripMs: Math.floor(least(await roundTripsMs(at('clients'), host('pg4'))) / 10) * 10,
      isLimited: (await bytesPerSecond(at('pg4'), end('pg1'), 0.4)) < 3e6,
    });
    const found = [await look()];
    for (const harmed of [first, limited, second, wide]) {
      await harmed.heal();
      found.push(await look());
    }
    expect(found).toEqual([
      { roundTripMs: 50, isLimited: true },
      { roundTripMs: 30, isLimited: true },
      { roundTripMs: 30, isLimited: false },
      { roundTripMs: 0, isLimited: false },
      { roundTripMs: 0, isLimited: false },
    ]);
  });

  test('a relay that is killed leaves the network as it was', async () => {
    const harmed = await inject('latency', { delay: '200ms' }, 'pg4');
    const { stdout } = await nodes.pg4!.shell!.run(['pgrep', '-x', 'fprelay']);
    const worker = stdout.trim().split('\n').at(-1) ?? '';
    if (worker !== '') await nodes.pg4!.shell!.run(['kill', '-KILL', worker]);
    else await harmed.heal();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(least(await roundTripsMs(at('clients'), host('pg4')))).toBeLessThan(50);
    await harmed.heal();
  });

  test('unshape alone is harmless, and so is unshape twice', async () => {
    await nodes.pg4!.shaping!.unshape('never');
    await nodes.pg4!.shaping!.unshape('never');
    expect(least(await roundTripsMs(at('clients'), host('pg4')))).toBeLessThan(50);
  });

  test('a queue that is not ours is not replaced, and the error names the node', async () => {
    const others = ['dev', 'eth0', 'root', 'handle', 'abc:'];
    const tbf = ['tbf', 'rate', '1gbit', 'burst', '100000', 'latency', '10ms'];
    await nodes.pg4!.shell!.run(['tc', 'qdisc', 'add', ...others, ...tbf]);
    await expect(inject('latency', { delay: '1ms' }, 'pg4')).rejects.toThrow(/^pg4: shaping: /);
    const { stdout } = await nodes.pg4!.shell!.run(['tc', 'qdisc', 'show', 'dev', 'eth0']);
    await nodes.pg4!.shell!.run(['tc', 'qdisc', 'del', ...others]);
    expect(stdout).toContain('qdisc tbf abc:');
  });
});

test('faults of every kind on one node heal in any order, and everything flows again', async () => {
  const orders = [
    [0, 1, 2, 3, 4],
    [2, 4, 0, 3, 1],
  ];
  for (const order of orders) {
    const harms = [
      await inject('partition', { from: 'dcs' }, 'pg4'),
      await inject('packet-loss', { loss: '30%', from: 'peers' }, 'pg4'),
      await inject('latency', { delay: '20ms' }, 'pg4'),
      await inject('reject', { from: 'clients' }, 'pg4'),
      await inject('bandwidth', { limit: '10Mbit/s' }, 'pg4'),
    ];
    for (const index of order) await harms[index]!.heal();
    expect([
      await seen('pg4', 'pg1:sql', 'pg1:dcs'),
      least(await roundTripsMs(at('clients'), host('pg4'))) < 20,
    ]).toEqual([['pg1:sql open', 'pg1:dcs open'], true]);
  }
});

/** The time of the network itself: on a busy machine the other values measure the machine. */
function least(values: readonly number[]): number {
  return Math.min(...values);
}

/** Healed when the test ends, however it ends. */
function disposable<T extends { heal(): Promise<void> }>(healed: T): T & AsyncDisposable {
  return { ...healed, [Symbol.asyncDispose]: () => healed.heal() };
}
