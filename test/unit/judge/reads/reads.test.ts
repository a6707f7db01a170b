import { expect, test } from 'vitest';
import type { Observations, Sight } from '../../../../src/contracts/observation.ts';
import { readsOf, stalenessSeries } from '../../../../src/judge/reads/reads.ts';

const beats = Array.from({ length: 100 }, (_, index) => ({
  beat: index + 1,
  outcome: 'acknowledged' as const,
  sentMs: 5_000 + index * 50,
  answeredMs: 5_002 + index * 50,
}));
/** Reads of a state, sent in the given span after the start of the load. */
const sight = (node: string, beat: number, [first, last]: readonly [number, number]): Sight => ({
  node,
  beat,
  reads: 4,
  back: 0,
  backOnConnection: 0,
  firstSentMs: 5_000 + first,
  lastSentMs: 5_000 + last,
});
const observed = (sights: readonly Sight[]): Observations => ({
  observations: [],
  missing: [],
  states: { beats, sights, stepsBack: [] },
});

test('each node has the age of its stalest read, and the run that of the stalest node', () => {
  const sights = [
    sight('pg1', 10, [460, 495]),
    sight('pg2', 10, [1_480, 1_500]),
    { ...sight('pg2', 11, [1_510, 1_560]), reads: 90 },
    sight('pg2', 40, [2_000, 2_010]),
  ];
  const found = readsOf(observed(sights), { originMs: 5_000 });
  expect(found).toEqual({
    reads: 102,
    heartbeats: { sent: 100, acknowledged: 100 },
    staleness: { node: 'pg2', atLeastMs: 1_008, atMostMs: 1_060, atMs: 1_560 },
    stepsBack: { reads: 0, onConnection: 0, first: [] },
    nodes: [
      { node: 'pg1', reads: 4, staleness: { atLeastMs: 0, atMostMs: 45, atMs: 495 }, medianMs: 0 },
      {
        node: 'pg2',
        reads: 98,
        staleness: { atLeastMs: 1_008, atMostMs: 1_060, atMs: 1_560 },
        medianMs: 1_008,
      },
    ],
    missing: [],
  });
});

test('steps back are counted, and the first are named with how far they went', () => {
  const back = { ...sight('pg3', 20, [2_000, 2_100]), back: 3, backOnConnection: 1 };
  const stepsBack = [
    {
      session: 'reader 2',
      from: { node: 'pg1', beat: 40, sentMs: 7_000 },
      to: { node: 'pg3', beat: 20, sentMs: 7_050 },
    },
  ];
  const states = { beats, sights: [back], stepsBack };
  const found = readsOf({ observations: [], missing: [], states }, { originMs: 5_000 });
  expect(found?.stepsBack).toEqual({
    reads: 3,
    onConnection: 1,
    first: [
      {
        session: 'reader 2',
        node: 'pg3',
        atMs: 2_050,
        byMs: 1_000,
        before: { node: 'pg1', atMs: 2_000 },
      },
    ],
  });
});

test('a load without reads, and one of a version without heartbeats, has no such section', () => {
  expect(readsOf(undefined, { originMs: 0 })).toBeUndefined();
  expect(readsOf({ observations: [], missing: [] }, { originMs: 0 })).toBeUndefined();
});

test('the chart has the stalest read of each bucket', () => {
  const states = {
    beats,
    stepsBack: [],
    sights: [
      sight('pg2', 1, [100, 150]),
      sight('pg2', 2, [160, 190]),
      sight('pg2', 2, [200, 290]),
      sight('pg1', 6, [260, 280]),
    ],
  };
  expect(stalenessSeries(states, 5_000, 200)).toEqual({
    pg1: [[280, 0]],
    pg2: [
      [150, 98],
      [290, 188],
    ],
  });
});
