import { expect, test } from 'vitest';
import type { LostRange } from '../../../../src/contracts/result.ts';
import { lostOperations } from '../../../../src/evidence/journal/lost-operations.ts';

const range = (over: Partial<LostRange>): LostRange => ({
  writer: 3,
  from: 10,
  to: 19,
  kind: 'insert',
  ackedAtMs: [1, 2],
  node: 'pg1',
  timeline: 1,
  lsn: null,
  cause: 'forked',
  ...over,
});
const insert: Parameters<ReturnType<typeof lostOperations>>[0] = {
  kind: 'insert',
  outcome: 'acknowledged',
  writer: 3,
  seq: 10,
  count: 1,
  version: 0,
};

test('an acknowledged insert is lost if any of its rows is', () => {
  const isLost = lostOperations([range({})]);
  const seqs = [8, 9, 10, 19, 20].filter((seq) => isLost({ ...insert, seq }));
  expect(seqs).toEqual([10, 19]);
  expect(isLost({ ...insert, seq: 1, count: 10 })).toBe(true);
  expect(isLost({ ...insert, seq: 1, count: 9 })).toBe(false);
});

test('an operation of another writer, kind or outcome on the same row is a different operation', () => {
  const isLost = lostOperations([range({})]);
  const others = [{ writer: 4 }, { kind: 'update' }, { outcome: 'indeterminate' }] as const;
  expect(others.map((other) => isLost({ ...insert, ...other }))).toEqual([false, false, false]);
});

test('only the updates of the lost versions of a row are lost', () => {
  const isLost = lostOperations([range({ kind: 'update', from: 10, to: 10, versions: [3, 4] })]);
  const versions = [2, 3, 4, 5].filter((version) => isLost({ ...insert, kind: 'update', version }));
  expect(versions).toEqual([3, 4]);
});

test('an operation that returned a warning is not lost', () => {
  expect(lostOperations([range({ cause: 'localOnly' })])(insert)).toBe(false);
});
