import { expect, test } from 'vitest';
import type { LostRange } from '../../../src/contracts/result.ts';
import { rpoOf } from '../../../src/judge/availability/rpo.ts';
import { judgeCell } from '../../../src/matrix/judge-cell.ts';
import { boundIsBroken, inNumbers } from '../../../src/std/units/loss-bound.ts';
import { summarizeLoss } from '../../../src/std/units/loss-summary.ts';
import { whatHappened } from '../../../src/render/support/sentences.ts';
import { losing } from '../../helpers/sample-results.ts';

// Some 120,000 arguments are more than a function call accepts.
const lostRanges = Array.from({ length: 150_000 }, (_, index): LostRange => ({
  writer: 0,
  from: 2 * index,
  to: 2 * index,
  kind: 'insert',
  cause: 'forked',
  node: 'pg1',
  timeline: 1,
  lsn: ['0/5000000', '0/5000100'],
  ackedAtMs: [index, index + 1],
}));

test('the largest number of lost ranges is summed up in every report', () => {
  const run = {
    ...losing,
    lostRanges,
    writes: { ...losing.writes, acknowledged: 1e6, lost: 150_000 },
  };
  expect(
    rpoOf(150_000, summarizeLoss([...inNumbers(lostRanges)], undefined).places, undefined),
  ).toEqual({
    records: 150_000,
    bytes: 256,
    seconds: 150,
  });
  expect(whatHappened(run)).toMatch(
    /^Lost 150,000 of 1,000,000 .*, acknowledged between 0\.0 s and 150\.0 s/,
  );
  expect(judgeCell(run).observed?.lostSpanMs).toBe(150_000);
  expect(boundIsBroken([...inNumbers(lostRanges)], { bytes: 1_000, seconds: 1 })).toBe(false);
});
