import { describe, expect, it } from 'vitest';
import { ClusterError } from '../../../src/std/errors.ts';
import { CorruptHistory, parseHistory } from '../../../src/pg/timeline.ts';

describe('a timeline history', () => {
  it('names every ancestor with its fork point, oldest first', () => {
    const text = '1\t0/54686E8\tno recovery target specified\n\n2\t0/6000000\tbefore 2026\t11\n';
    expect(parseHistory(text)).toEqual([
      { timeline: 1, lsn: '0/54686E8', reason: 'no recovery target specified' },
      { timeline: 2, lsn: '0/6000000', reason: 'before 2026\t11' },
    ]);
  });

  it('is empty for timeline 1, and ignores comments and blank lines', () => {
    expect([parseHistory(''), parseHistory('# a comment\n \n')]).toEqual([[], []]);
  });

  it('may lack the reason', () => {
    expect(parseHistory('1\t0/1\t\n2\t0/2')).toEqual([
      { timeline: 1, lsn: '0/1', reason: '' },
      { timeline: 2, lsn: '0/2', reason: '' },
    ]);
  });

  it('is refused with the number of the wrong line', () => {
    const wrong: readonly (readonly [string, string])[] = [
      ['1\t0/1\tx\nrubbish', 'line 2'],
      ['1 0/1 x', 'line 1'],
      ['1\t0-1\tx', 'line 1'],
      ['0\t0/1\tx', 'line 1: 0 is no timeline'],
      ['4294967296\t0/1\tx', 'line 1: 4294967296 is no timeline'],
      ['2\t0/1\tx\n\n2\t0/2\ty', 'line 3: timeline 2 comes after 2'],
      ['1\t0/9\tx\n2\t0/8\ty', 'line 2: 0/8 lies before the fork point 0/9'],
    ];
    for (const [text, message] of wrong) {
      expect(() => parseHistory(text)).toThrow(CorruptHistory);
      expect(() => parseHistory(text)).toThrow(message);
    }
    expect(new CorruptHistory('x')).toBeInstanceOf(ClusterError);
  });
});
