import { expect, test } from 'vitest';
import { conflictOfRow, conflictOfTracked } from '../../../src/salvage/conflict.ts';
import { firstLostWrites, lostWrites } from '../../../src/salvage/lost-writes.ts';

const at = (version: number, image = `v${version}`) => ({
  image,
  version: `${version}`,
  xid: '900',
});

test('a lost insert is absent, there as it was, or its key has another row', () => {
  expect(conflictOfTracked('insert', at(0), undefined)).toBe('absent');
  expect(conflictOfTracked('insert', at(0), at(0))).toBe('present');
  expect(conflictOfTracked('insert', at(0), at(0, 'other'))).toBe('overwritten');
});

test('a lost update finds the older version, a newer one, or no row', () => {
  expect(conflictOfTracked('update', at(3), at(2))).toBe('unchanged');
  expect(conflictOfTracked('update', at(3), at(4))).toBe('overwritten');
  expect(conflictOfTracked('update', at(3), undefined)).toBe('deleted');
});

test('a lost delete finds the row that it had removed, or none', () => {
  expect(conflictOfTracked('delete', undefined, at(0))).toBe('unchanged');
  expect(conflictOfTracked('delete', undefined, undefined)).toBe('present');
});

test('a row without versions is unchanged where an older transaction wrote it, else overwritten', () => {
  const lost = { image: '{"id": 1, "balance": 7}' };
  const now = (xid: string) => ({ image: '{"id": 1, "balance": 9}', version: null, xid });
  expect(conflictOfRow(lost, now('799'), 800)).toBe('unchanged');
  expect(conflictOfRow(lost, now('800'), 800)).toBe('overwritten');
  expect(conflictOfRow(lost, { ...now('800'), image: lost.image }, 800)).toBe('present');
  expect(conflictOfRow(lost, undefined, 800)).toBe('absent');
});

test('versions of an update count one by one, and what clients were warned of does not count', () => {
  const range = { ackedAtMs: [0, 1], node: 'pg1', timeline: 1, lsn: null } as const;
  const found = [
    ...lostWrites([
      { ...range, kind: 'insert', writer: 1, from: 4, to: 5, cause: 'forked' },
      { ...range, kind: 'update', writer: 2, from: 9, to: 9, versions: [3, 5], cause: 'forked' },
      { ...range, kind: 'insert', writer: 3, from: 0, to: 9, cause: 'localOnly' },
    ]),
  ];
  expect(found).toEqual([
    { kind: 'insert', writer: 1, seq: 4, version: 0, writes: 1 },
    { kind: 'insert', writer: 1, seq: 5, version: 0, writes: 1 },
    { kind: 'update', writer: 2, seq: 9, version: 5, writes: 3 },
  ]);
});

test('lost writes beyond those that are looked for are counted, not forgotten', () => {
  const range = { ackedAtMs: [0, 1], node: 'pg1', timeline: 1, lsn: null } as const;
  const { writes, leftOut } = firstLostWrites(
    [
      { ...range, kind: 'insert', writer: 1, from: 4, to: 6, cause: 'forked' },
      { ...range, kind: 'update', writer: 2, from: 9, to: 9, versions: [3, 5], cause: 'forked' },
    ],
    2,
  );
  expect([writes.map(({ seq }) => seq), leftOut]).toEqual([[4, 5], 4]);
});
