import { expect, test } from 'vitest';
import type { OperationRecord } from '../../../../src/contracts/evidence.ts';
import type { Phase } from '../../../../src/contracts/scenario.ts';
import { WindowLog } from '../../../../src/judge/windows/window-log.ts';
import { operation, visit } from '../../../histories/in-memory.ts';

/** Due, sent and answered at these milliseconds. */
function sent(
  dueMs: number,
  sentMs: number,
  answeredMs: number,
  over: Partial<OperationRecord> = {},
): OperationRecord {
  return operation({
    sentUs: sentMs * 1000,
    waitedUs: (sentMs - dueMs) * 1000,
    latencyUs: (answeredMs - sentMs) * 1000,
    ...over,
  });
}

/** A fault from 1 s to 2 s of a load of 3 s. */
function phases(records: readonly OperationRecord[], warmupMs = 0) {
  const spans: Readonly<Record<Phase['edge'], { fromMs: number; untilMs: number }>> = {
    before: { fromMs: 0, untilMs: 1000 },
    during: { fromMs: 1000, untilMs: 2000 },
    after: { fromMs: 2000, untilMs: 3000 },
  };
  const edges = ['before', 'during', 'after'] as const;
  const specs = edges.map((edge) => {
    return { edge, stretches: [spans[edge]], open: [spans[edge]], warmupMs };
  });
  const log = new WindowLog(specs);
  visit(records, log);
  return edges.map((edge, index) => {
    const tally = log.tallies[index]!;
    const { acknowledged, failed, indeterminate } = tally.attempts;
    return [edge, acknowledged, failed + indeterminate, tally.rows, tally.latency()?.max ?? null];
  });
}

test('an operation that the fault could have touched is of during alone', () => {
  const failed = { outcome: 'failed' } as const;
  const records = [
    sent(10, 10, 20),
    sent(990, 990, 1010, failed),
    sent(1500, 1500, 1600, failed),
    sent(1900, 2050, 2060, { seq: 1 }),
    sent(1950, 1950, 2500, { outcome: 'indeterminate' }),
    sent(2010, 2200, 2210, { seq: 2 }),
  ];
  expect(phases(records)).toEqual([
    ['before', 1, 0, 1, 10],
    ['during', 1, 3, 0, 160],
    ['after', 1, 0, 2, 200],
  ]);
});

test('no operation is counted in two of the three phases, and none is left out', () => {
  const records = Array.from({ length: 300 }, (_, at) => sent(at * 10, at * 10 + 3, at * 10 + 47));
  const counts = phases(records).map(([, acknowledged]) => Number(acknowledged));
  expect(counts.reduce((sum, each) => sum + each, 0)).toBe(300);
});

test('an operation of the warm-up is an attempt, and its latency counts nowhere', () => {
  const records = [sent(10, 10, 20), sent(500, 500, 503, { seq: 1 })];
  expect(phases(records, 400)[0]).toEqual(['before', 2, 0, 2, 3]);
});

test('a phase without an operation has none', () => {
  expect(phases([sent(10, 10, 20)])[2]).toEqual(['after', 0, 0, 0, null]);
});
