import { expect, test } from 'vitest';
import type { Restore } from '../../../../src/contracts/archive.ts';
import type { NodeReading, Ranges } from '../../../../src/contracts/evidence.ts';
import { judgeRestore } from '../../../../src/judge/archive/judge-restore.ts';

function reading(present: Ranges, more: Partial<NodeReading> = {}): NodeReading {
  const writer = { writer: 0, present, versions: [], corrupted: [], duplicated: [] };
  const about = { node: 'restored', status: 'read', role: 'replica', timeline: 3, ms: 1 } as const;
  return {
    ...about,
    rows: 0,
    writers: [writer],
    foreign: [],
    partitions: [],
    structure: [],
    ...more,
  };
}

/** Of the only writer: the position that came with seq n is n * 100. */
const answers = { lsn: (_writer: number, seq: number) => seq * 100 };
const options = { answers, hasDeletes: false };
const primary = reading([[1, 20]], { node: 'pg2', role: 'primary', timeline: 2 });
const end = { to: 'end', reached: { timeline: 2, lsn: '0/FFF' } } as const;
const counts = ({ expected, missing, extra, corrupted }: ReturnType<typeof judgeRestore>) => {
  return { expected, missing, extra, corrupted };
};

test('a restore to the end has what the final primary has', () => {
  const restored = judgeRestore({ ...end, reading: reading([[1, 20]]) }, primary, options);
  expect(restored).toEqual({
    ...{ to: 'end', lsn: null, reason: null, isRefused: false },
    ...{ reachedTimeline: 2, reachedLsn: '0/FFF' },
    ...{ expected: 20, missing: 0, extra: 0, corrupted: 0, missingRanges: [] },
  });
});

test('what is missing is named, and what is too many or corrupted is counted', () => {
  const [writer] = reading([[1, 12]]).writers;
  const damaged = reading([], {
    writers: writer ? [{ ...writer, corrupted: [3] }] : [],
    foreign: [{ writer: 7, count: 1, seqs: [1] }],
  });
  const found = judgeRestore({ ...end, reading: damaged }, primary, options);
  expect(counts(found)).toEqual({ expected: 20, missing: 8, extra: 1, corrupted: 1 });
  expect(found.missingRanges).toEqual([{ writer: 0, from: 13, to: 20 }]);
});

test('a row in an older version is missing its last write', () => {
  const [mine] = primary.writers;
  const updated = { ...primary, writers: mine ? [{ ...mine, versions: [[4, 1]] as const }] : [] };
  const found = judgeRestore({ ...end, reading: reading([[1, 20]]) }, updated, options);
  expect(counts(found)).toEqual({ expected: 20, missing: 1, extra: 0, corrupted: 0 });
});

/** Position 1050: seq 9 was committed before it for certain, seq 11 after it, and of seq 10 nobody knows. */
const fork = (present: Ranges): Restore => {
  return { to: 'fork', lsn: '0/41A', reached: end.reached, reading: reading(present) };
};

test.each([
  ['with the write on the edge', [[1, 10]]],
  ['without it', [[1, 9]]],
] as const)('a restore to the fork is right %s', (_what, present) => {
  const found = judgeRestore(fork(present), primary, options);
  expect(counts(found)).toEqual({ expected: 9, missing: 0, extra: 0, corrupted: 0 });
});

test('a restore to the fork that ended before it is missing writes', () => {
  const found = judgeRestore(fork([[1, 7]]), primary, options);
  expect(counts(found)).toEqual({ expected: 9, missing: 2, extra: 0, corrupted: 0 });
  expect(found.missingRanges).toEqual([{ writer: 0, from: 8, to: 9 }]);
});

test('a restore to the fork that went beyond it has writes too many', () => {
  const found = judgeRestore(fork([[1, 13]]), primary, options);
  expect(counts(found)).toEqual({ expected: 9, missing: 0, extra: 3, corrupted: 0 });
});

test('with deletes, what is too many at the fork is unknown: the primary may have deleted it since', () => {
  const found = judgeRestore(fork([[1, 30]]), primary, { answers, hasDeletes: true });
  expect(counts(found)).toEqual({ expected: 9, missing: 0, extra: null, corrupted: 0 });
});

test('a restore that did not come up says why, and whether PostgreSQL refused it', () => {
  const reason = 'recovery ended before configured recovery target was reached';
  const dead = reading([], { status: 'unverifiable', role: 'down', reason });
  const refused = { ...fork([]), reached: null, isRefused: true, reading: dead } as const;
  expect(judgeRestore(refused, primary, options)).toEqual({
    ...{ to: 'fork', lsn: '0/41A', reason, isRefused: true },
    ...{ reachedTimeline: null, reachedLsn: null },
    ...{ expected: null, missing: null, extra: null, corrupted: null, missingRanges: [] },
  });
});

test('without a reading of the primary nothing is known of a restore', () => {
  const found = judgeRestore({ ...end, reading: reading([[1, 20]]) }, undefined, options);
  expect([found.missing, found.reason]).toEqual([
    null,
    'there is no reading of a primary to compare with',
  ]);
});
