import { expect, test } from 'vitest';
import type { DownstreamResult, Result } from '../../../../src/contracts/result.ts';
import { consumerSentences } from '../../../../src/render/support/consumer-rows.ts';

const sound: DownstreamResult = {
  ...{ name: 'feed', consumer: 'cdc', reason: null, expected: 90, delivered: 90, missing: 0 },
  missingAt: { slot: 0, consumer: 0, sink: 0 },
  ...{ skipped: 0, duplicates: 0, outOfOrder: 0, corrupted: 0, phantoms: 0, longestLagMs: 900 },
  ...{ gaps: [], missingRanges: [], anomalies: [], confirmedLsn: '0/1', starts: 1, stopped: null },
};
const said = (more: Partial<DownstreamResult>) =>
  consumerSentences({ downstream: [{ ...sound, ...more }] } as unknown as Result);

test('of a consumer that delivered all as it should there is nothing to say', () => {
  expect(said({})).toEqual([]);
});

test('the first writes of each kind of anomaly are named, and that there are more', () => {
  const corrupted = [1, 2, 3, 4].map((seq) => {
    return { kind: 'corrupted', writer: 2, from: 10 * seq, to: 10 * seq } as const;
  });
  const twice = { kind: 'duplicated', writer: 0, from: 5, to: 7 } as const;
  expect(said({ anomalies: [twice, ...corrupted] })).toEqual([
    'Duplicates of feed: writer 0, seq 5 to 7.',
    'Corrupted writes of feed: writer 2, seq 10; writer 2, seq 20; writer 2, seq 30; and more.',
  ]);
});
