import { expect, test } from 'vitest';
import type { LossCause, LossSummary, OldPrimaryWal } from '../../../../src/contracts/result.ts';
import { Ledger } from '../../../../src/judge/ledger/ledger.ts';
import { stagesOf } from '../../../../src/judge/sections/stages.ts';
import { passing } from '../../../helpers/sample-results.ts';

function lossOf(cause: LossCause | null): LossSummary {
  const place = { node: 'pg1', timeline: 1, cause, ranges: 1, writes: 40, lsn: null };
  return {
    ranges: 1,
    file: null,
    places: [{ ...place, ackedAtMs: [0, 1] }],
    isBeyondPromise: false,
  };
}

function stages(lossSummary: LossSummary, wal: readonly OldPrimaryWal[] | null = null) {
  const { written, flushed } = stagesOf(new Ledger(), {
    writes: passing.writes,
    readBack: undefined,
    primary: undefined,
    wal,
    lossSummary,
    downstream: undefined,
  });
  return { written, flushed };
}

const none: LossSummary = { ranges: 0, file: null, places: [], isBeyondPromise: false };
const wal: OldPrimaryWal = {
  node: 'pg1',
  folder: 'evidence/pg1-1',
  timeline: 1,
  forkLsn: '0/5000000',
  endLsn: '0/50003E8',
  commits: 90,
  aborts: 0,
  acknowledged: 100,
  written: 90,
  lost: 100,
  missing: [],
  problem: null,
};

test('without WAL and without a crash it is unknown what was written and what was flushed', () => {
  expect(stages(none)).toEqual({ written: null, flushed: null });
  expect(stages(lossOf('forked'))).toEqual({ written: null, flushed: null });
});

test('what a server came back without was not flushed; how much of it was written is unknown', () => {
  expect(stages(lossOf('unflushed'))).toEqual({ written: null, flushed: 960 });
});

test('a loss whose cause is unknown leaves unknown what was flushed', () => {
  expect(stages(lossOf(null), [wal])).toEqual({ written: 990, flushed: null });
});

test('several versions of a row, some of which may never have been acknowledged, are no exact count', () => {
  const { places } = lossOf('unflushed');
  const atMost = places.map((place) => ({ ...place, isAtMost: true as const }));
  expect(stages({ ...none, places: atMost })).toEqual({ written: null, flushed: null });
});

test('of one node and timeline the last WAL that was taken counts', () => {
  expect(stages(none, [{ ...wal, written: 0 }, wal])).toEqual({ written: 990, flushed: 990 });
  const unread = { ...wal, timeline: 2, acknowledged: null, written: null };
  expect(stages(none, [wal, unread])).toEqual({ written: null, flushed: null });
});
