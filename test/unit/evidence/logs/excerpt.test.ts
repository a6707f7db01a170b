import { expect, test } from 'vitest';
import type { LogExcerptLine } from '../../../../src/contracts/evidence.ts';
import { excerpt } from '../../../../src/evidence/logs/excerpt.ts';

const line = (atMs: number, text = 'ten chars.'): LogExcerptLine => [atMs, 'pg1', 'patroni', text];

test('what stands nearest to a moment is kept, in order of time, and the rest is counted', () => {
  const lines = [line(9_000), line(100), line(5_100), line(4_000), line(20_000)];
  expect(excerpt(lines, [5_000, 9_500], { characters: 30, perLine: 100 })).toEqual({
    lines: [line(4_000), line(5_100), line(9_000)],
    leftOut: 2,
  });
});

test('a line that is too long is shortened, and says so', () => {
  const { lines } = excerpt([line(0, 'x'.repeat(50))], [], { characters: 100, perLine: 10 });
  expect(lines).toEqual([line(0, `${'x'.repeat(10)}…`)]);
});

test('without a moment the start of the load is one', () => {
  const limits = { characters: 10, perLine: 100 };
  expect(excerpt([line(5_000), line(-10)], [], limits).lines).toEqual([line(-10)]);
});
