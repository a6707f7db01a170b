import { expect, test } from 'vitest';
import { matchWrites } from '../../../../src/judge/wal/match-writes.ts';

const at = (lsn: number) => ({ lsn });
const pairsOf = (
  commits: readonly { first?: number; lastRecord: number | undefined; lsn: number }[],
  lsns: readonly number[],
) => {
  const { matches, unmatched } = matchWrites(commits, lsns.map(at));
  return {
    pairs: matches.map(({ commit, write, isCertain }) => [write.lsn, commit.lsn, isCertain]),
    unmatched: unmatched.map(({ lsn }) => lsn),
  };
};

test('a write stands between the last record of its transaction and its commit', () => {
  const commits = [
    { lastRecord: 100, lsn: 100 },
    { lastRecord: 200, lsn: 240 },
  ];
  expect(pairsOf(commits, [100, 220])).toEqual({
    pairs: [
      [100, 100, true],
      [220, 240, true],
    ],
    unmatched: [],
  });
});

test('of two open transactions a write has the one whose last record ends where it stands', () => {
  const commits = [
    { lastRecord: 100, lsn: 300 },
    { lastRecord: 150, lsn: 280 },
  ];
  expect(pairsOf(commits, [100, 150]).pairs).toEqual([
    [100, 300, true],
    [150, 280, true],
  ]);
});

test('two writes at one position: both have a commit, and which is whose is not certain for one of them', () => {
  const commits = [
    { lastRecord: 100, lsn: 300 },
    { lastRecord: 150, lsn: 280 },
  ];
  const { pairs, unmatched } = pairsOf(commits, [150, 150]);
  expect(unmatched).toEqual([]);
  expect(pairs.map(([, commit]) => commit).sort()).toEqual([280, 300]);
  expect(pairs.filter(([, , isCertain]) => !isCertain)).toHaveLength(1);
});

test('no naming of a write leaves another without a commit that both could have', () => {
  // 120 could be in either; 160 only in the one that commits later.
  const commits = [
    { lastRecord: 100, lsn: 130 },
    { lastRecord: 120, lsn: 200 },
  ];
  expect(pairsOf(commits, [120, 160])).toEqual({
    pairs: [
      [120, 130, false],
      [160, 200, true],
    ],
    unmatched: [],
  });
});

test('a write without a commit record is named', () => {
  const commits = [{ lastRecord: 100, lsn: 100 }];
  expect(pairsOf(commits, [100, 180]).unmatched).toEqual([180]);
});

test('a write whose transaction logged a page after it is not missing', () => {
  const commits = [
    { first: 40, lastRecord: 180, lsn: 240 },
    { first: 90, lastRecord: 130, lsn: 140 },
  ];
  expect(pairsOf(commits, [100, 130])).toEqual({
    pairs: [
      [130, 140, true],
      [100, 240, false],
    ],
    unmatched: [],
  });
  expect(pairsOf(commits, [30]).unmatched).toEqual([30]);
});
