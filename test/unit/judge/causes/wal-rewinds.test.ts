import { expect, test } from 'vitest';
import { SetbackLog } from '../../../../src/judge/causes/wal-rewinds.ts';

/** [sent ms, answered ms, LSN] */
function setbacksOf(operations: readonly (readonly [number, number, number])[]) {
  const log = new SetbackLog();
  for (const [sent, answered, lsn] of operations) log.observe(sent * 1000, answered * 1000, lsn);
  return log.setbacks();
}

test('positions that only grow are no rewind, whatever the order of the journals', () => {
  expect(
    setbacksOf([
      [900, 1000, 300],
      [0, 10, 100],
      [1100, 1200, 400],
      [500, 950, 200],
    ]),
  ).toEqual([]);
});

test('overlapping operations may have their positions in any order', () => {
  expect(
    setbacksOf([
      [0, 900, 500],
      [10, 2000, 400],
      [850, 3000, 450],
    ]),
  ).toEqual([]);
});

test('a position below one that was answered earlier is one rewind, at the lowest such position', () => {
  expect(
    setbacksOf([
      [0, 10, 100],
      [200, 250, 900],
      [5000, 5010, 300],
      [5020, 5030, 200],
      [5500, 5510, 350],
      [6000, 6010, 950],
    ]),
  ).toEqual([{ atUs: 5_000_000, lsn: 200 }]);
});

test('a second crash is a second rewind', () => {
  expect(
    setbacksOf([
      [0, 10, 500],
      [1000, 1010, 300],
      [1500, 1510, 600],
      [3000, 3010, 400],
    ]),
  ).toEqual([
    { atUs: 1_000_000, lsn: 300 },
    { atUs: 3_000_000, lsn: 400 },
  ]);
});

test('a restart in place within a hundredth or a tenth of a second is a rewind', () => {
  expect(
    setbacksOf([
      [1000, 1001, 500],
      [1006, 1008, 300],
    ]),
  ).toEqual([{ atUs: 1_006_000, lsn: 300 }]);
  expect(
    setbacksOf([
      [1000, 1020, 500],
      [1065, 1070, 300],
    ]),
  ).toEqual([{ atUs: 1_060_000, lsn: 300 }]);
});
