import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeliveredChange } from '../../../../src/contracts/downstream.ts';
import type { Ranges } from '../../../../src/contracts/evidence.ts';
import {
  judgeConsumer,
  type ConsumerEvidence,
} from '../../../../src/judge/downstream/judge-consumer.ts';
import { historiesOf } from '../../../helpers/histories.ts';

/** Writer 1 writes seq 0, 1, 2, ... at 1000, 1100, 1200, ...; each is answered 10 ms after the one before. */
const lsnOf = (seq: number) => 1000 + 100 * seq;
const answers = {
  lsn: (_writer: number, seq: number) => lsnOf(seq),
  answeredUs: (_writer: number, seq: number) => 10_000 * (seq + 1),
};

function change(seq: number, more: Partial<DeliveredChange> = {}): DeliveredChange {
  return {
    batch: 1,
    kind: 'insert',
    writer: 1,
    seq,
    version: 0,
    lsn: BigInt(lsnOf(seq) + 50),
    isSound: true,
    ...more,
  };
}

interface Known extends Partial<Omit<ConsumerEvidence, 'sink'>> {
  readonly changes: readonly DeliveredChange[];
  readonly confirmed?: bigint;
}

function judged(present: Ranges, { changes, confirmed = 0n, ...known }: Known) {
  const sink = { status: 'read', confirmed, changes, readAtUs: 5_000_000 } as const;
  return judgeConsumer(
    {
      name: 'feed',
      consumer: 'cdc',
      sink,
      gaps: [],
      said: confirmed,
      starts: 1,
      stopped: null,
      batchAtUs: () => 200_000,
      ...known,
    },
    historiesOf({ 1: { present } }, answers),
    { hasChanges: false },
  );
}

const nothingWrong = {
  name: 'feed',
  consumer: 'cdc',
  reason: null,
  gaps: [],
  starts: 1,
  stopped: null,
  missingRanges: [],
  anomalies: [],
  missing: 0,
  missingAt: { slot: 0, consumer: 0, sink: 0 },
  skipped: 0,
  duplicates: 0,
  outOfOrder: 0,
  corrupted: 0,
  phantoms: 0,
  uncertain: 0,
};

test('every write once and in order is delivered, and as late as its batch', () => {
  const result = judged([[0, 2]], {
    changes: [0, 1, 2].map((seq) => change(seq)),
    confirmed: 1300n,
  });
  expect(result).toEqual({
    ...nothingWrong,
    expected: 3,
    delivered: 3,
    longestLagMs: 190,
    confirmedLsn: '0/514',
  });
});

test('a second delivery is a duplicate, and no second write', () => {
  const result = judged([[0, 1]], { changes: [change(0), change(1), change(0), change(1)] });
  expect(result).toMatchObject({ delivered: 2, duplicates: 2, outOfOrder: 0, missing: 0 });
  expect(result.anomalies).toEqual([{ kind: 'duplicated', writer: 1, from: 0, to: 1 }]);
});

test('a write that comes after one that was committed later is out of order, and delivered', () => {
  const result = judged([[0, 2]], { changes: [change(0), change(2), change(1)] });
  expect(result).toMatchObject({ delivered: 3, outOfOrder: 1, duplicates: 0 });
  expect(result.anomalies).toEqual([{ kind: 'outOfOrder', writer: 1, from: 1, to: 1 }]);
});

test('the order of a writer that commits 1 before 0 is the order of its commits', () => {
  const late = change(0, { lsn: 1190n });
  expect(judged([[0, 1]], { changes: [change(1), late] })).toMatchObject({ outOfOrder: 0 });
});

test('a delivered write that is not on the final primary is a phantom, and orders nothing', () => {
  const phantom = change(7, { lsn: 9999n });
  const result = judged([[0, 1]], { changes: [change(0), phantom, change(1)] });
  expect(result).toMatchObject({ delivered: 2, phantoms: 1, outOfOrder: 0, missing: 0 });
  expect(result.anomalies).toEqual([{ kind: 'phantom', writer: 1, from: 7, to: 7 }]);
});

test('content that is not what was sent is corrupted, and delivered', () => {
  const result = judged([[0, 0]], { changes: [change(0, { isSound: false })] });
  expect(result).toMatchObject({ delivered: 1, corrupted: 1 });
  expect(result.anomalies).toEqual([{ kind: 'corrupted', writer: 1, from: 0, to: 0 }]);
});

test('a write below the confirmed position that is not there was skipped by the consumer', () => {
  const result = judged([[0, 3]], { changes: [change(0), change(3)], confirmed: 1400n });
  expect(result).toMatchObject({
    missing: 2,
    missingAt: { slot: 0, consumer: 2, sink: 0 },
    skipped: 2,
    missingRanges: [{ writer: 1, from: 1, to: 2, at: 'consumer' }],
  });
});

test('a write beyond the confirmed position is missing at the consumer, and was not skipped', () => {
  const result = judged([[0, 3]], { changes: [change(0), change(1)], confirmed: 1200n });
  expect(result).toMatchObject({ missingAt: { slot: 0, consumer: 2, sink: 0 }, skipped: 0 });
});

test('a write within a gap that the consumer named was lost at the slot, and was not skipped', () => {
  const result = judged([[0, 3]], {
    changes: [change(0)],
    confirmed: 1100n,
    gaps: [{ from: 1100n, to: 1300n, why: 'the slot is gone' }],
  });
  expect(result).toMatchObject({
    missingAt: { slot: 2, consumer: 1, sink: 0 },
    skipped: 0,
    gaps: [{ fromLsn: '0/44C', toLsn: '0/514', why: 'the slot is gone' }],
  });
});

test('a write that the consumer saw its sink commit, and that the sink no longer has, was lost at the sink', () => {
  const result = judged([[0, 3]], { changes: [change(0)], confirmed: 1100n, said: 1300n });
  expect(result).toMatchObject({ missingAt: { slot: 0, consumer: 1, sink: 2 }, skipped: 0 });
});

test('a missing write has waited until the sink was read', () => {
  expect(judged([[0, 1]], { changes: [change(0)] }).longestLagMs).toBe(4980);
});

test('the lag is unknown when the time of one batch is', () => {
  const result = judged([[0, 0]], { changes: [change(0)], batchAtUs: () => undefined });
  expect(result).toMatchObject({ delivered: 1, longestLagMs: null });
});

test('of a sink that keeps neither positions nor batches the writes are known, and neither order, place, lag nor content', () => {
  const bare = { batch: null, lsn: null, isSound: null };
  const changes = [change(0, bare), change(0, bare), change(2, bare), change(7, bare)];
  const result = judged([[0, 2]], { consumer: 'own', changes });
  expect(result).toMatchObject({
    delivered: 2,
    missing: 1,
    duplicates: 1,
    phantoms: 1,
    outOfOrder: null,
    corrupted: null,
    missingAt: null,
    skipped: null,
    longestLagMs: null,
    missingRanges: [{ writer: 1, from: 1, to: 1, at: 'unknown' }],
  });
});

test('a sink that could not be read says nothing of any write', () => {
  const sink = { status: 'unverifiable', reason: 'no answer' } as const;
  const feed = { name: 'feed', consumer: 'cdc', batchAtUs: () => 0 } as const;
  const result = judgeConsumer(
    { ...feed, sink, gaps: [], said: null, starts: 2, stopped: null },
    historiesOf({ 1: { present: [[0, 3]] } }, answers),
    { hasChanges: false },
  );
  expect(result).toMatchObject({ reason: 'no answer', missing: null, delivered: null, starts: 2 });
});

test('without a reading of the primary nothing is missing and nothing is delivered', () => {
  const sink = { status: 'read', confirmed: 0n, changes: [change(0)], readAtUs: 0 } as const;
  const feed = { name: 'feed', consumer: 'cdc', batchAtUs: () => 0 } as const;
  const result = judgeConsumer(
    { ...feed, sink, gaps: [], said: null, starts: 1, stopped: null },
    undefined,
    { hasChanges: false },
  );
  expect(result).toMatchObject({ expected: null, delivered: null, missing: null, phantoms: null });
});

test('the counts are those of a naive model, whatever was delivered in whatever order', () => {
  const rows = fc.uniqueArray(fc.nat(12), { maxLength: 10 });
  const deliveries = fc.array(fc.record({ seq: fc.nat(12), isSound: fc.boolean() }), {
    maxLength: 25,
  });
  fc.assert(
    fc.property(rows, deliveries, fc.nat(14), (present, sent, reached) => {
      const changes = sent.map(({ seq, isSound }) => change(seq, { isSound }));
      const confirmed = BigInt(lsnOf(reached));
      const ranges = present.toSorted((a, b) => a - b).map((seq) => [seq, seq] as const);
      const result = judged(ranges, { changes, confirmed });
      const firsts = sent.filter(
        ({ seq }, at) => sent.findIndex((each) => each.seq === seq) === at,
      );
      const there = firsts.filter(({ seq }) => present.includes(seq));
      const gone = present.filter((seq) => !sent.some((each) => each.seq === seq));
      const next = (seq: number) => Math.min(...present.filter((each) => each > seq).map(lsnOf));
      expect(result).toMatchObject({
        expected: present.length,
        delivered: there.length,
        missing: gone.length,
        skipped: gone.filter((seq) => next(seq) <= lsnOf(reached)).length,
        duplicates: sent.length - firsts.length,
        phantoms: firsts.length - there.length,
        corrupted: new Set(sent.filter(({ isSound }) => !isSound).map(({ seq }) => seq)).size,
        outOfOrder: there.filter(({ seq }, at) => there.slice(0, at).some((each) => each.seq > seq))
          .length,
      });
    }),
  );
});
