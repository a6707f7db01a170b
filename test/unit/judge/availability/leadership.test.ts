import { describe, expect, it, test } from 'vitest';
import type { Json } from '../../../../src/contracts/json.ts';
import type { RunEvent } from '../../../../src/contracts/evidence.ts';
import type { Server } from '../../../../src/judge/causes/servers.ts';
import { failoversIn, leaderChanges } from '../../../../src/judge/availability/leadership.ts';
import { topologyOf } from '../../../helpers/fake-cluster.ts';

/** One topology per second, from the start of the load on. */
function looks(...found: readonly (readonly [node: string, timeline: number, leader?: string])[]) {
  return found.map(([node, timeline, leader = node], index) =>
    seen(1000 * index, node, timeline, leader),
  );
}
function seen(atMs: number, node: string, timeline: number, leader = node): RunEvent {
  const members = {
    pg1: { role: 'replica' as const, timeline },
    [node]: { role: 'primary' as const, timeline },
  };
  return { atMs, type: 'topology', topology: topologyOf({ leader, members }) };
}
function asked(atMs: number, fault = 'switchover', detail?: Json): readonly RunEvent[] {
  const inject: RunEvent = {
    atMs,
    type: 'inject',
    id: `${fault}#1`,
    fault,
    targets: [],
    plannedAtMs: atMs,
    effects: { asksForPromotion: true },
  };
  if (detail === undefined) return [inject];
  return [inject, { atMs: atMs + 100, type: 'injected', id: `${fault}#1`, detail }];
}
function server(node: string, timeline: number, firstMs: number): Server {
  const extent = { leastLsn: 1, mostLsn: 2, lastUs: firstMs * 1000 };
  return { node, timeline, operations: 1, firstUs: firstMs * 1000, ...extent };
}
function failovers(events: readonly RunEvent[], servers: readonly Server[] = []): number {
  return failoversIn(leaderChanges(events, 0, servers) ?? []);
}

describe('a failover', () => {
  it('is the promotion of another node, counted once, however often it is seen', () => {
    expect(failovers(looks(['pg1', 1], ['pg2', 2], ['pg2', 2], ['pg2', 2]))).toBe(1);
  });

  it('there and back again is two', () => {
    expect(failovers(looks(['pg1', 1], ['pg2', 2], ['pg1', 3]))).toBe(2);
  });

  it('is not the old primary that is still seen on its old timeline without the lock', () => {
    expect(failovers(looks(['pg1', 1], ['pg2', 2], ['pg1', 1, 'pg2'], ['pg2', 2]))).toBe(1);
  });

  it('is not the one that lost the lock and is still seen on its later timeline', () => {
    const members = {
      pg1: { role: 'primary' as const, timeline: 1 },
      pg3: { role: 'primary' as const, timeline: 2 },
    };
    const both = (atMs: number, leader: string): RunEvent => {
      return { atMs, type: 'topology', topology: topologyOf({ leader, members }) };
    };
    const events = [seen(0, 'pg1', 1), both(29_400, 'pg3'), both(33_500, 'pg1')];
    const later = [both(33_700, 'pg1'), seen(33_800, 'pg1', 1)];
    expect(leaderChanges([...events, ...later], 0, [])).toEqual([
      expect.objectContaining({ node: 'pg3', how: 'failover' }),
      expect.objectContaining({ node: 'pg1', how: 'lockTaken', atMs: 33_500 }),
    ]);
  });

  it('is not the old primary that the DCS still names for a moment', () => {
    expect(failovers(looks(['pg1', 1], ['pg2', 2, 'pg1'], ['pg1', 1], ['pg2', 2]))).toBe(1);
  });

  it('is also a promotion that only clients saw', () => {
    const changes = leaderChanges(looks(['pg1', 1], ['pg3', 3]), 0, [server('pg2', 2, 500)]);
    expect(changes?.map(({ node, before, how }) => [before, node, how])).toEqual([
      ['pg1', 'pg2', 'failover'],
      ['pg2', 'pg3', 'failover'],
    ]);
  });
});

test.each([
  ['the same timeline', 2],
  ['an older one', 1],
])('a lock that goes to a primary on %s counts as a failover, lockTaken', (_title, timeline) => {
  const events = looks(['pg1', 1], ['pg2', 2], ['pg2', 2], ['pg1', timeline]);
  expect(leaderChanges(events, 0, [])?.at(-1)).toEqual({
    node: 'pg1',
    before: 'pg2',
    timeline,
    atMs: 3000,
    how: 'lockTaken',
  });
  expect(failovers(events)).toBe(2);
});

test('a primary that is itself promoted again is a repromotion, not a failover', () => {
  const events = looks(['pg1', 1], ['pg1', 2], ['pg1', 2], ['pg1', 3]);
  expect(failovers(events)).toBe(0);
  expect(leaderChanges(events, 0, [])).toEqual([
    { node: 'pg1', before: 'pg1', timeline: 2, atMs: 1000, how: 'repromotion' },
    { node: 'pg1', before: 'pg1', timeline: 3, atMs: 3000, how: 'repromotion' },
  ]);
});

describe('a promotion that a fault asks for', () => {
  it('is no failover', () => {
    const events = [seen(0, 'pg1', 1), ...asked(500), seen(2000, 'pg2', 2)];
    expect(failovers(events)).toBe(0);
  });

  it('explains nothing once it was refused: a failover right after it is one', () => {
    const refused: RunEvent = { atMs: 600, type: 'notCarriedOut', id: 'switchover#1', why: '412' };
    const events = [seen(0, 'pg1', 1), ...asked(500), refused, seen(2000, 'pg2', 2)];
    expect(failovers(events)).toBe(1);
  });

  it('is recognized by the effects in its event, whatever the fault is called', () => {
    const [inject] = asked(500, 'promote-mine');
    const promotion = (effects: { readonly asksForPromotion?: true }) =>
      failovers([
        seen(0, 'pg1', 1),
        { ...(inject as Extract<RunEvent, { type: 'inject' }>), effects },
        seen(2000, 'pg2', 2),
      ]);
    expect([promotion({ asksForPromotion: true }), promotion({})]).toEqual([0, 1]);
  });

  it('explains one promotion and no more, and none before it', () => {
    const before = [seen(0, 'pg1', 1), ...asked(500), seen(2000, 'pg2', 2), seen(4000, 'pg3', 3)];
    const after = [seen(0, 'pg1', 1), seen(1000, 'pg2', 2), ...asked(2000)];
    expect([failovers(before), failovers(after)]).toEqual([1, 1]);
  });

  it('that never happened explains no later failover', () => {
    const events = [
      ...[seen(0, 'pg1', 1), ...asked(1000, 'switchover', { from: 'pg1', answer: 'refused' })],
      seen(20_100, 'pg2', 2),
    ];
    expect(failovers(events)).toBe(1);
  });

  it('explains a promotion however late while it has no answer yet', () => {
    expect(failovers([seen(0, 'pg1', 1), ...asked(1000), seen(40_000, 'pg2', 2)])).toBe(0);
  });

  it('explains only the promotion of its candidate', () => {
    const to = (node: string) => asked(500, 'switchover', { from: 'pg1', to: node, answer: '' });
    const promotedAfter = (events: readonly RunEvent[]) =>
      failovers([seen(0, 'pg1', 1), ...events, seen(2000, 'pg2', 2)]);
    expect([promotedAfter(to('pg2')), promotedAfter(to('pg3'))]).toEqual([0, 1]);
    const rewound = (newLeader: string) =>
      asked(500, 'rewind', { oldLeader: 'pg1', newLeader, answer: '' });
    expect([promotedAfter(rewound('pg2')), promotedAfter(rewound('pg3'))]).toEqual([0, 1]);
  });
});

test('the leader is unknown, not none, if the roles were never read', () => {
  expect(leaderChanges(asked(0), 0, [server('pg1', 1, 1)])).toBeNull();
});
