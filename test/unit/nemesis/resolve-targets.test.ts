import { describe, expect, it } from 'vitest';
import type { Topology } from '../../../src/contracts/cluster.ts';
import { ClusterError } from '../../../src/std/errors.ts';
import { resolveTargets } from '../../../src/nemesis/resolve-targets.ts';
import { fakeNode, topologyOf } from '../../helpers/fake-cluster.ts';

const three = ['pg1', 'pg2', 'pg3'].map(fakeNode);

const injected = new Map([['cut#1', ['pg3', 'pg1']]]);

function names(target: string, topology: Topology, random = 0, nodes = three): readonly string[] {
  const context = { nodes, topology, random: () => random, targetsOf: injected.get.bind(injected) };
  return resolveTargets(target, context).map(({ name }) => name);
}

describe('a target', () => {
  const usual = topologyOf({ leader: 'pg2', syncStandbys: ['pg3'], members: swapped() });

  it.each([
    ['leader', ['pg2']],
    ['replica', ['pg1', 'pg3']],
    ['sync-standby', ['pg3']],
    ['all', ['pg1', 'pg2', 'pg3']],
    ['pg1', ['pg1']],
    ['not leader', ['pg1', 'pg3']],
    ['not pg3', ['pg1', 'pg2']],
    ['not sync-standby', ['pg1', 'pg2']],
    ['minority', ['pg2']],
    ['majority', ['pg1', 'pg3']],
    ['targets of cut#1', ['pg1', 'pg3']],
    ['not targets of cut#1', ['pg2']],
  ])('%s means %j, in the order of the nodes', (target, expected) => {
    expect(names(target, usual)).toEqual(expected);
  });

  it("replica, minority and majority are nodes of the leader's own cluster", () => {
    const nodes = [...three, { ...fakeNode('standby1'), isOfStandby: true as const }];
    const ofFirst = topologyOf({ leader: 'pg2', members: swapped() });
    const with1 = (role: 'primary' | 'replica') => [...ofFirst.members, { node: 'standby1', role }];
    const before = { ...ofFirst, members: with1('replica') };
    const meant = (target: string) => names(target, before, 0, nodes);
    expect(meant('replica')).toEqual(['pg1', 'pg3']);
    expect(meant('majority')).toEqual(['pg1', 'pg3']);
    expect(meant('standby-cluster')).toEqual(['standby1']);
    expect(meant('not standby-cluster')).toEqual(['pg1', 'pg2', 'pg3']);
    const after = { ...ofFirst, leader: 'standby1', members: with1('primary') };
    expect(names('minority', after, 0, nodes)).toEqual(['standby1']);
  });

  it('of an earlier injection has no nodes before that has begun', () => {
    expect(() => names('targets of kill#1', usual)).toThrow('kill#1 has not been injected yet');
  });

  it('any-replica is one replica, drawn from the seed', () => {
    expect([0, 0.49, 0.5, 0.999].map((random) => names('any-replica', usual, random))).toEqual([
      ['pg1'],
      ['pg1'],
      ['pg3'],
      ['pg3'],
    ]);
  });

  it('minority is the leader and as many replicas as leave a majority outside', () => {
    const five = ['pg1', 'pg2', 'pg3', 'pg4', 'pg5'].map(fakeNode);
    const { members } = topologyOf();
    const more = ['pg4', 'pg5'].map((node) => ({ node, role: 'replica' as const }));
    const topology = { ...topologyOf(), members: [...members, ...more] };
    expect([
      names('minority', topology, 0, five),
      names('majority', topology, 0, five),
      names('minority', topologyOf(), 0, three.slice(0, 2)),
    ]).toEqual([['pg1', 'pg2'], ['pg3', 'pg4', 'pg5'], ['pg1']]);
  });

  it("leader is the holder of Patroni's lock, even where another server is primary too", () => {
    const split = topologyOf({ leader: 'pg3', members: { pg3: { role: 'primary' } } });
    expect(names('leader', split)).toEqual(['pg3']);
  });

  it('leader without Patroni is the only primary', () => {
    const { leader: _, ...leaderless } = topologyOf();
    expect(names('leader', leaderless)).toEqual(['pg1']);
  });

  it.each([
    [
      'sync-standby',
      {},
      'leader pg1, pg1 primary (running), pg2 replica (streaming), pg3 replica (streaming)',
    ],
    ['replica', everyReplica('down'), 'leader pg1, pg1 primary (running), pg2 down, pg3 down'],
    ['any-replica', everyReplica('down'), 'leader pg1, pg1 primary (running), pg2 down, pg3 down'],
    [
      'not all',
      {},
      'leader pg1, pg1 primary (running), pg2 replica (streaming), pg3 replica (streaming)',
    ],
    [
      'pg9',
      {},
      'leader pg1, pg1 primary (running), pg2 replica (streaming), pg3 replica (streaming)',
    ],
  ])(
    '%s without a matching node is an error with the role of every node',
    (target, members, said) => {
      expect(() => names(target, topologyOf({ members }))).toThrow(
        new ClusterError(`no node is ${target} now: ${said}`),
      );
    },
  );

  it('leader has no node while there is no leader, even with two primaries', () => {
    const { leader: _, ...split } = topologyOf({ members: { pg2: { role: 'primary' } } });
    expect(() => names('leader', split)).toThrow(
      new ClusterError(
        'no node is leader now: leader none, pg1 primary (running), pg2 primary (streaming), pg3 replica (streaming)',
      ),
    );
  });
});

function swapped() {
  return { pg1: { role: 'replica' as const }, pg2: { role: 'primary' as const } };
}

function everyReplica(role: 'down') {
  const { state: _, ...down } = { role, state: undefined };
  return {
    pg2: { ...down, state: undefined as never },
    pg3: { ...down, state: undefined as never },
  };
}
