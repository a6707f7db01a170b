import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/contracts/evidence.ts';
import { staleHolders } from '../../src/evidence/lock-holders.ts';
import { lockLoss } from '../../src/evidence/lock-loss.ts';
import { topologyOf } from '../helpers/fake-cluster.ts';

/** The load began 1 s into the run. */
const originMs = 1_000;

function seen(atMs: number, ...over: Parameters<typeof topologyOf>): RunEvent {
  return { atMs: originMs + atMs, type: 'topology', topology: topologyOf(...over) };
}

const nobody = { leader: '' };
const free = (atMs: number): RunEvent => {
  const { leader: _, ...topology } = topologyOf(nobody);
  return { atMs: originMs + atMs, type: 'topology', topology };
};
const unanswered = (atMs: number): RunEvent => {
  const event = free(atMs);
  if (event.type !== 'topology') throw new Error('unreachable');
  return { ...event, topology: { ...event.topology, isLockUnknown: true } };
};

describe('the loss of the lock', () => {
  const whole = { fromMs: 5_000, untilMs: 30_000 };

  test('is when its holder has it no more, and ends when somebody has it', () => {
    const events = [seen(0), free(24_800), seen(25_200, { leader: 'pg3' })];
    expect(lockLoss(events, originMs, whole)).toEqual({ lostAtMs: 24_800, takenAtMs: 25_200 });
  });

  test('may be seen only when the next holder has it, which may be the same node again', () => {
    expect(lockLoss([seen(0), seen(25_200, { leader: 'pg3' })], originMs, whole)).toEqual({
      ...{ lostAtMs: 25_200, takenAtMs: 25_200 },
    });
    expect(lockLoss([seen(0), free(9_000), seen(9_400)], originMs, whole)).toEqual({
      ...{ lostAtMs: 9_000, takenAtMs: 9_400 },
    });
  });

  test('is none where the holder keeps it, or only the lock service is silent', () => {
    expect(lockLoss([seen(0), seen(8_000, { isPaused: true })], originMs, whole)).toBeUndefined();
    expect(lockLoss([seen(0), unanswered(9_000), seen(19_000)], originMs, whole)).toBeUndefined();
  });

  test('is none before the fault, after it is over, or where nobody held it before', () => {
    const later = { fromMs: 10_000, untilMs: 20_000 };
    const before = [seen(0), free(1_000), seen(2_000, { leader: 'pg2' })];
    expect(lockLoss(before, originMs, later)).toBeUndefined();
    expect(lockLoss([seen(0), free(20_001)], originMs, later)).toBeUndefined();
    expect(lockLoss([free(0), seen(12_000)], originMs, later)).toBeUndefined();
  });

  test('has no end when nobody takes the lock again', () => {
    expect(lockLoss([seen(0), free(12_000)], originMs, whole)).toEqual({
      ...{ lostAtMs: 12_000, takenAtMs: null },
    });
  });
});

describe('a holder of the lock that cannot have what the one before it had', () => {
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
    expect(staleHolders(events, originMs)).toEqual([
      { node: 'pg1', before: 'pg3', timeline: 2, atMs: 32_500 },
    ]);
  });

  test('is no replica that streamed from it, whatever it lagged', () => {
    expect(staleHolders([seen(0), seen(22_000, promoted)], originMs)).toEqual([]);
  });

  test('is nobody who rejoined and streamed from it first', () => {
    const rejoined = {
      ...promoted,
      members: {
        ...promoted.members,
        pg1: { role: 'replica', timeline: 2, isStreaming: true },
      },
    } as const;
    const back = { members: { pg1: { timeline: 3 }, pg2: { timeline: 3 }, pg3: { timeline: 3 } } };
    const events = [seen(0), seen(22_000, promoted), seen(30_000, rejoined), seen(40_000, back)];
    expect(staleHolders(events, originMs)).toEqual([]);
  });

  test('streams from somebody else on another timeline: that does not count as following', () => {
    const elsewhere = {
      ...promoted,
      members: {
        ...promoted.members,
        pg1: { role: 'replica', timeline: 1, isStreaming: true },
      },
    } as const;
    const events = [seen(0), seen(22_000, promoted), seen(30_000, elsewhere), seen(40_000)];
    expect(staleHolders(events, originMs)).toEqual([
      { node: 'pg1', before: 'pg3', timeline: 2, atMs: 40_000 },
    ]);
  });

  test('is not the node that takes up its own lock again', () => {
    const members = { pg1: { role: 'primary', timeline: 2 } } as const;
    expect(staleHolders([seen(0), free(9_000), seen(9_400, { members })], originMs)).toEqual([]);
  });

  test('is unknown where nobody saw who held the lock', () => {
    expect(staleHolders([unanswered(0)], originMs)).toBeNull();
  });
});
