import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../../src/contracts/evidence.ts';
import type { Server } from '../../../../src/judge/causes/servers.ts';
import {
  staleHolders,
  type HolderEvidence,
} from '../../../../src/judge/availability/stale-holders.ts';
import { lockThefts } from '../../../../src/judge/availability/lock-thefts.ts';
import { lockLoss } from '../../../../src/judge/availability/lock-loss.ts';
import { topologyOf } from '../../../helpers/fake-cluster.ts';

/** The load began 1 s into the run. */
const originMs = 1_000;

function seen(atMs: number, ...over: Parameters<typeof topologyOf>): RunEvent {
  return { atMs: originMs + atMs, type: 'topology', topology: topologyOf(...over) };
}

/** pg1 acknowledged on timeline 1 and pg3 on timeline 2, past any fork point; no timeline history contradicts that. */
const servers = [...[server('pg1', 1), server('pg3', 2)]];
function server(node: string, timeline: number, mostLsn = 0x5_000_000): Server {
  return { node, timeline, operations: 9, leastLsn: 1, mostLsn, firstUs: 0, lastUs: 1 };
}
function stale(events: readonly RunEvent[], from: number, evidence: Partial<HolderEvidence> = {}) {
  return staleHolders(events, from, { servers, history: [], ...evidence });
}

const noLeader = { leader: '' };
const free = (atMs: number): RunEvent => {
  const { leader: _, ...topology } = topologyOf(noLeader);
  return { atMs: originMs + atMs, type: 'topology', topology };
};
const unanswered = (atMs: number): RunEvent => {
  const event = free(atMs);
  if (event.type !== 'topology') throw new Error('unreachable');
  return { ...event, topology: { ...event.topology, isLockUnknown: true } };
};

describe('the loss of the lock', () => {
  const whole = { fromMs: 5_000, untilMs: 30_000 };

  test('begins when its holder no longer has it, and ends when a node has it', () => {
    const events = [seen(0), free(24_800), seen(25_200, { leader: 'pg3' })];
    expect(lockLoss(events, originMs, whole)).toEqual({ lostAtMs: 24_800, takenAtMs: 25_200 });
  });

  test('may be seen only when the next holder has it, which may be the same node', () => {
    expect(lockLoss([seen(0), seen(25_200, { leader: 'pg3' })], originMs, whole)).toEqual({
      lostAtMs: 25_200,
      takenAtMs: 25_200,
    });
    expect(lockLoss([seen(0), free(9_000), seen(9_400)], originMs, whole)).toEqual({
      lostAtMs: 9_000,
      takenAtMs: 9_400,
    });
  });

  test('does not happen if the holder keeps it, or only the DCS is silent', () => {
    expect(lockLoss([seen(0), seen(8_000, { isPaused: true })], originMs, whole)).toBeUndefined();
    expect(lockLoss([seen(0), unanswered(9_000), seen(19_000)], originMs, whole)).toBeUndefined();
  });

  test('does not count before the fault, after it is over, or without a holder before', () => {
    const later = { fromMs: 10_000, untilMs: 20_000 };
    const before = [seen(0), free(1_000), seen(2_000, { leader: 'pg2' })];
    expect(lockLoss(before, originMs, later)).toBeUndefined();
    expect(lockLoss([seen(0), free(20_001)], originMs, later)).toBeUndefined();
    expect(lockLoss([free(0), seen(12_000)], originMs, later)).toBeUndefined();
  });

  test('has no end if no node takes the lock again', () => {
    expect(lockLoss([seen(0), free(12_000)], originMs, whole)).toEqual({
      lostAtMs: 12_000,
      takenAtMs: null,
    });
  });
});

describe('a lock holder that cannot have the writes of the previous one', () => {
  const promoted = {
    leader: 'pg3',
    members: {
      pg1: { role: 'down' },
      pg2: { timeline: 2 },
      pg3: { role: 'primary', timeline: 2 },
    },
  } as const;

  test('is the old primary that takes the lock back from its successor', () => {
    const events = [seen(0), seen(22_000, promoted), seen(32_500)];
    expect(stale(events, originMs)).toEqual([
      { node: 'pg1', before: 'pg3', timeline: 2, atMs: 32_500 },
    ]);
  });

  test('has the lock from when it was seen to take it, however long it needs to be a primary again', () => {
    const members = { ...promoted.members, pg3: { role: 'down' } } as const;
    const events = [
      seen(0),
      seen(22_000, promoted),
      seen(31_800, { ...promoted, leader: 'pg1' }),
      unanswered(33_000),
      seen(35_000, { leader: 'pg1', members }),
      seen(38_600, { leader: 'pg1', members: { pg3: { role: 'down' } } }),
    ];
    expect(stale(events, originMs)).toEqual([
      { node: 'pg1', before: 'pg3', timeline: 2, atMs: 31_800 },
    ]);
  });

  test('is not a replica that streamed from it, whatever its lag', () => {
    expect(stale([seen(0), seen(22_000, promoted)], originMs)).toEqual([]);
  });

  test('is not a node that rejoined and streamed from it first', () => {
    const rejoined = {
      ...promoted,
      members: {
        ...promoted.members,
        pg1: { role: 'replica', timeline: 2, isStreaming: true },
      },
    } as const;
    const back = { members: { pg1: { timeline: 3 }, pg2: { timeline: 3 }, pg3: { timeline: 3 } } };
    const events = [seen(0), seen(22_000, promoted), seen(30_000, rejoined), seen(40_000, back)];
    expect(stale(events, originMs)).toEqual([]);
  });

  test('may stream from another node on another timeline: that does not count as following', () => {
    const elsewhere = {
      ...promoted,
      members: {
        ...promoted.members,
        pg1: { role: 'replica', timeline: 1, isStreaming: true },
      },
    } as const;
    const events = [seen(0), seen(22_000, promoted), seen(30_000, elsewhere), seen(40_000)];
    expect(stale(events, originMs)).toEqual([
      { node: 'pg1', before: 'pg3', timeline: 2, atMs: 40_000 },
    ]);
  });

  test('is not the node that takes its own lock again', () => {
    const members = { pg1: { role: 'primary', timeline: 2 } } as const;
    expect(stale([seen(0), free(9_000), seen(9_400, { members })], originMs)).toEqual([]);
  });

  test('is unknown if the holder of the lock was never read', () => {
    expect(stale([unanswered(0)], originMs)).toBeNull();
  });

  describe('when the previous holder led for less than the time between two polls', () => {
    // pg2 took over from pg1 and pg3 from pg2 within 400 ms: no node was seen following pg2.
    const reign = (node: string, timeline: number) => ({
      leader: node,
      members: {
        pg1: { role: 'down' as const },
        [node]: { role: 'primary' as const, timeline },
      },
    });
    const cascade = [seen(0), seen(22_000, reign('pg2', 2)), seen(22_400, reign('pg3', 3))];
    const historyLeavingAt = (lsn: string) => {
      const ancestors = [
        { timeline: 1, lsn: '0/4000000', reason: '' },
        { timeline: 2, lsn, reason: '' },
      ];
      return { history: [{ timeline: 3, ancestors }] };
    };
    const own = [server('pg1', 1), server('pg2', 2, 0x5_000_000)];

    test('is not one if its timeline history has all writes of the other, or the other acknowledged nothing', () => {
      const all = { servers: own, ...historyLeavingAt('0/5000060') };
      expect(stale(cascade, originMs, all)).toEqual([]);
      const nothing = { servers: own.slice(0, 1), ...historyLeavingAt('0/4000000') };
      expect(stale(cascade, originMs, nothing)).toEqual([]);
    });

    test('is one if its timeline history leaves the other before the last write', () => {
      const some = { servers: own, ...historyLeavingAt('0/4FFFFFF') };
      expect(stale(cascade, originMs, some)).toEqual([
        { node: 'pg3', before: 'pg2', timeline: 2, atMs: 22_400 },
      ]);
    });
  });
});

describe('the theft of the lock', () => {
  const members = (pg1: 'primary' | 'down', pg3: 'primary' | 'replica' | 'down') => [
    { node: 'pg1', role: pg1, timeline: 1 },
    { node: 'pg3', role: pg3, timeline: pg3 === 'primary' ? 2 : 1 },
  ];
  const held = (atMs: number, leader: string, ...roles: Parameters<typeof members>): RunEvent => ({
    atMs: originMs + atMs,
    type: 'topology',
    topology: { ...topologyOf({ leader }), members: members(...roles) },
  });

  test('is that a primary has it that no promotion made the successor of the one that held it', () => {
    const events = [
      held(0, 'pg1', 'primary', 'replica'),
      free(21_000),
      held(22_000, 'pg3', 'down', 'primary'),
      // The one that held it is down at once, and the other one needs a while until it is a primary.
      held(32_000, 'pg1', 'down', 'down'),
      held(36_000, 'pg1', 'primary', 'down'),
    ];
    expect(lockThefts(events, originMs)).toEqual([
      { holder: 'pg3', heldFromMs: 22_000, timeline: 2, thief: 'pg1', atMs: 32_000 },
    ]);
  });

  test('is neither a failover, nor what may have happened while the DCS did not answer', () => {
    // An isolated old primary goes on.
    const failover = [
      held(0, 'pg1', 'primary', 'replica'),
      held(22_000, 'pg3', 'primary', 'primary'),
    ];
    const unknown = [
      held(0, 'pg3', 'down', 'primary'),
      unanswered(5_000),
      held(32_000, 'pg1', 'primary', 'primary'),
    ];
    expect([lockThefts(failover, originMs), lockThefts(unknown, originMs)]).toEqual([[], []]);
  });

  test('is none from a node that was no primary any more', () => {
    const events = [
      held(0, 'pg3', 'down', 'primary'),
      held(5_000, 'pg3', 'down', 'down'),
      held(32_000, 'pg1', 'primary', 'down'),
    ];
    expect(lockThefts(events, originMs)).toEqual([]);
  });

  test('is none of a lock that was free in between', () => {
    const events = [
      held(0, 'pg3', 'down', 'primary'),
      free(5_000),
      held(9_000, 'pg1', 'primary', 'primary'),
    ];
    expect(lockThefts(events, originMs)).toEqual([]);
  });
});
