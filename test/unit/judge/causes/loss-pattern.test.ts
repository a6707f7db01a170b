import { describe, expect, it } from 'vitest';
import type { Ranges } from '../../../../src/contracts/evidence.ts';
import { rangesOf, subtract } from '../../../../src/std/ranges.ts';
import { lossPattern, type WriterLoss } from '../../../../src/judge/causes/loss-pattern.ts';

const all: Ranges = [[0, 999]];
const whole = [{ from: 0, to: 999 }];

function losing(lost: Ranges, stretches = whole): WriterLoss {
  return { lost, surviving: subtract(all, lost), stretches };
}
const patternOf = (...writers: WriterLoss[]) =>
  lossPattern({ writers, hasLostChanges: false, order: [] });
const everyTenth = rangesOf(Array.from({ length: 100 }, (_, index) => 10 * index + 3));

describe('the pattern of a loss', () => {
  it('is none when nothing is lost', () => {
    expect(patternOf(losing([]))).toEqual({ kind: 'none' });
  });

  it('is tail if each writer lost the end of what one server acknowledged', () => {
    expect(patternOf(losing([[900, 999]]), losing([[950, 999]]))).toEqual({ kind: 'tail' });
  });

  it('is tail if writers continued with another server', () => {
    const stretches = [
      { from: 0, to: 499 },
      { from: 500, to: 999 },
    ];
    expect(patternOf(losing([[400, 499]], stretches))).toEqual({ kind: 'tail' });
  });

  it('is scattered when a block in the middle is lost', () => {
    expect(patternOf(losing([[400, 499]]))).toEqual({ kind: 'scattered' });
  });

  it('is scattered when a row after the lost ones survived on the same server', () => {
    expect(patternOf(losing([[900, 998]]))).toEqual({ kind: 'scattered' });
  });

  it('is scattered if later writes of another writer on the same timeline survived', () => {
    const order = { node: 'pg1', timeline: 1, firstLostLsn: 1e6, lastSurvivingLsn: 2e6 };
    const writers = [losing([[900, 999]])];
    expect(lossPattern({ writers, hasLostChanges: false, order: [order] })).toEqual({
      kind: 'scattered',
    });
  });

  it('is periodic when exactly every tenth row is lost', () => {
    expect(patternOf(losing(everyTenth), losing(everyTenth))).toEqual({
      kind: 'periodic',
      modulus: 10,
      remainder: 3,
    });
  });

  it('is scattered if one of every tenth rows survived', () => {
    const lost = subtract(everyTenth, [[503, 503]]);
    expect(patternOf(losing(lost))).toEqual({ kind: 'scattered' });
  });

  it('is scattered when two writers lose different remainders', () => {
    const shifted = everyTenth.map(([from, to]) => [from + 1, to + 1] as const);
    expect(patternOf(losing(everyTenth), losing(shifted))).toEqual({ kind: 'scattered' });
  });

  it('is scattered if each of many writers lost one or two rows at a common distance', () => {
    const each = [3, 13, 23, 33, 43].map((seq) => losing(rangesOf([seq, seq + 100])));
    expect(patternOf(...each)).toEqual({ kind: 'scattered' });
  });

  it('is scattered when four rows happen to be evenly spaced', () => {
    expect(patternOf(losing(rangesOf([100, 200, 300, 400])))).toEqual({ kind: 'scattered' });
  });
});
