import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { endOfRun, linesAtMost } from '../../../src/terminal/end-of-run.ts';
import { wrapped } from '../../../src/terminal/wrap.ts';
import {
  judgedRun,
  losing,
  passing,
  unjudged,
  withTimeline,
} from '../../helpers/sample-results.ts';

const report = '/home/you/forkpoint/reports/partition-5s/20260101T000000Z/report.html';
const onScreen = (result: typeof losing, isColoured = false) =>
  endOfRun(result, { columns: 80, isColoured, report });

/** A large value in every field. */
const crowded = judgedRun(
  'fail',
  Array.from({ length: 15 }, (_, index) => ({
    check: `c${index}`,
    status: 'fail',
    demand: null,
    measured: null,
    summary: `demand ${index}: ${'a long explanation '.repeat(6)}(demanded: 0)`,
  })),
  {
    scenario: 'x',
    problems: Array(9).fill('what stood in the way '.repeat(9)) as string[],
    forks: withTimeline.forks,
    lostRanges: Array.from({ length: 9 }, (_, index) => ({
      writer: index,
      from: 1,
      to: 9,
      kind: 'insert',
      ackedAtMs: [0, 9],
      lsn: null,
      node: `pg${index}`,
      timeline: index,
      cause: 'unexplained',
    })),
    writes: { lost: 81 },
  },
);

describe('the end of a run', () => {
  test.each([
    ['passing', passing],
    ['losing', losing],
    ['unknown', unjudged],
    ['charted', withTimeline],
    ['crowded', crowded],
  ])('of a %s run fits 24 lines of 80 columns and splits no word', (_what, result) => {
    const text = onScreen(result);
    const lines = text.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(linesAtMost);
    expect(lines.filter((line) => line.length > 80 && !line.startsWith('Report: '))).toEqual([]);
    expect(lines.at(-1)).toBe(`Report: ${report}`);
    expect(text).toMatch(/^Data Loss Report\n {2}Total Records Inserted: \d+\n(?: {2}.*\n){3}/m);
    expect(stripVTControlCharacters(onScreen(result, true))).toBe(text);
    // No line ends between a number and its unit or noun.
    expect(lines.filter((line) => /(^|\s)[\d.,]*\d$/.test(line) && !/: \d+$/.test(line))).toEqual(
      [],
    );
    const words = (of: string) => of.split(/\s+/);
    const whole = endOfRun(result, { columns: Infinity, isColoured: false, report });
    expect(
      words(text).filter((word) => !words(whole).includes(word) && !/^\d+$/.test(word)),
    ).toEqual([]);
  });

  test('of a failed run names the failed demand, what happened and the counts', () => {
    expect(onScreen(losing).split('\n')).toEqual([
      'Verdict: FAIL: async-tail-loss. 2 of 2 demands do not hold:',
      '  FAIL acknowledged writes lost: 2000 (demanded: 0)',
      '  FAIL replicas: pg2 differs',
      'Lost 2,000 of 10,000 acknowledged writes: all on pg1, timeline 1, past a fork',
      "  point, acknowledged between 13.1 s and 16.0 s; 'partition#1' was injected at",
      '  10.0 s and healed at 15.0 s. Longest time without an acknowledged write:',
      '  5.2 s. 1 failover.',
      '',
      'Data Loss Report',
      '  Total Records Inserted: 10000',
      '  Records Found in DB: 8000',
      '  Records Lost: 2000',
      '  Data Loss Percentage: 20.00%',
      '  Inserted: rows whose INSERT was acknowledged.',
      '',
      'Reproduce: npm run forkpoint -- replay partition-5s/20260101T000000Z',
      `Report: ${report}`,
      '',
    ]);
  });

  test('reports that no report could be written, and names none', () => {
    const text = endOfRun(passing, { columns: 80, isColoured: false, report: undefined });
    expect(text).toMatch(/^Report: none could be written$/m);
    expect(text).not.toContain('report.html');
  });

  test('removes control characters of a server', () => {
    const hostile = judgedRun('unknown', [], { problems: ['a\x1b[2Jb\x07\r::error::c'] });
    expect(onScreen(hostile)).not.toMatch(/[\x00-\x09\x0b-\x1f]/); // eslint-disable-line no-control-regex
  });
});

test('keeps commands and paths on one line, so that they can be copied', () => {
  const command = `Reproduce: npm run forkpoint -- ${'x '.repeat(60)}`;
  expect(wrapped(command, 80)).toEqual([command]);
});
