import { describe, expect, it } from 'vitest';
import type { Topology } from '../../../src/contracts/cluster.ts';
import type { AwaitedState } from '../../../src/contracts/scenario.ts';
import { obstacleTo } from '../../../src/nemesis/awaited-state.ts';
import { withoutPageHeader } from '../../../src/pg/lsn.ts';
import { topologyOf } from '../../helpers/fake-cluster.ts';

function look(
  state: AwaitedState,
  now: Topology,
  about: { lsn?: string; acknowledged?: number; nodes?: readonly string[] } = {},
): string | undefined {
  const { lsn, acknowledged = 0, nodes = [] } = about;
  const since = { atMs: 0, topology: topologyOf(), acknowledged: 100 };
  return obstacleTo(state, { since, now: { atMs: 1, topology: now, acknowledged }, lsn, nodes });
}

const dead = { role: 'down' as const, isStreaming: false };
/** A node that does not answer has no state. */
const silent = (node: string) => ({
  ...topologyOf(),
  members: topologyOf().members.map((member) =>
    member.node === node ? { node, role: 'down' as const } : member,
  ),
});

describe('a failover', () => {
  const state = { is: 'failover' } as const;

  it('is reached when another node is primary on a higher timeline', () => {
    const promoted = topologyOf({
      leader: 'pg2',
      members: { pg1: dead, pg2: { role: 'primary', timeline: 2 } },
    });
    expect(look(state, promoted)).toBeUndefined();
  });

  it('is not reached while no other node was promoted, nor by a repromotion of the same node', () => {
    const none = 'no other node than pg1 is primary on a timeline above 1';
    expect(look(state, topologyOf({ members: { pg1: dead } }))).toBe(none);
    expect(look(state, topologyOf({ members: { pg1: { timeline: 2 } } }))).toBe(none);
    expect(look(state, topologyOf({ members: { pg2: { role: 'primary' } } }))).toBe(none);
  });
});

describe('a lag', () => {
  const at = (lsn: string) => topologyOf({ members: { pg3: { lsn } } });

  it('above a size is that of the replica furthest behind', () => {
    const state = { is: 'lag', op: '>', bytes: 1024 } as const;
    expect(look(state, at('0/2FFF000'))).toBeUndefined();
    expect(look(state, at('0/3000000'))).toBe('the highest lag is 96B, not > 1kB');
    expect(look(state, silent('pg2'))).toBe(
      'the highest lag is 0B, not > 1kB, and some replicas do not answer',
    );
    expect(look(state, silent('pg1'))).toBe('no primary reports its position');
  });

  it('below a size is that of every replica, and a silent replica prevents it', () => {
    const state = { is: 'lag', op: '<', bytes: 1024 } as const;
    expect(look(state, at('0/3000000'))).toBeUndefined();
    expect(look(state, at('0/2FFF000'))).toBe('the highest lag is 4192B, not < 1kB');
    expect(look(state, silent('pg2'))).toBe(
      'the highest lag is 0B, not < 1kB, and some replicas do not answer',
    );
  });
});

describe('replayed', () => {
  const state = { is: 'replayed' } as const;

  it('is reached when every other node has replayed the position of the primary, and not while one is silent', () => {
    expect(look(state, topologyOf(), { lsn: '0/3000060' })).toBeUndefined();
    expect(look(state, topologyOf(), { lsn: '0/3000061' })).toBe(
      'pg2 has replayed 0/3000060, not 0/3000061',
    );
    expect(look(state, silent('pg3'), { lsn: '0/3000060' })).toBe(
      'pg3 has replayed an unknown position, not 0/3000060',
    );
    expect(look(state, topologyOf())).toBe('no primary reported its position');
  });

  it('does not wait for the header of a page that has no record yet', () => {
    expect(['0/3002018', '0/3000028', '0/3002060', '0/3002000'].map(withoutPageHeader)).toEqual([
      ...['0/3002000', '0/3000000', '0/3002060', '0/3002000'],
    ]);
  });
});

describe('the other states', () => {
  it('leader means a holder of the lock', () => {
    const { leader: _, ...leaderless } = topologyOf();
    expect([look({ is: 'leader' }, topologyOf()), look({ is: 'leader' }, leaderless)]).toEqual([
      ...[undefined, 'no node is leader'],
    ]);
    expect([look({ is: 'noLeader' }, topologyOf()), look({ is: 'noLeader' }, leaderless)]).toEqual([
      ...['pg1 is leader', undefined],
    ]);
  });

  it('acknowledged counts from the moment before', () => {
    const state = { is: 'acknowledged', writes: 50 } as const;
    expect(look(state, topologyOf(), { acknowledged: 149 })).toBe('49 writes are acknowledged');
    expect(look(state, topologyOf(), { acknowledged: 150 })).toBeUndefined();
  });

  it('streaming must hold for every node of the target', () => {
    const state = { is: 'streaming', target: 'replica' } as const;
    const nodes = ['pg2', 'pg3'];
    expect(look(state, topologyOf(), { nodes })).toBeUndefined();
    expect(look(state, silent('pg3'), { nodes })).toBe('pg3 is not streaming');
    // As right after its crash, where the replicas have not noticed.
    expect(look(state, silent('pg1'), { nodes })).toBe('pg1 is leader and does not answer');
  });
});
