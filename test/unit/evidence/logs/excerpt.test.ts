import { expect, test } from 'vitest';
import type { LogExcerptLine } from '../../../../src/contracts/evidence.ts';
import { Excerpt, type ExcerptLimits } from '../../../../src/evidence/logs/excerpt.ts';

const line = (atMs: number, text = 'ten chars.'): LogExcerptLine => [atMs, 'pg1', 'patroni', text];

function excerpt(
  lines: readonly LogExcerptLine[],
  moments: readonly number[],
  limits: ExcerptLimits,
) {
  const found = new Excerpt(moments, limits);
  for (const each of lines) found.add(each);
  return found.finish();
}

test('what stands nearest to a moment is kept, in order of time, and the rest is counted', () => {
  const lines = [line(9_000), line(100), line(5_100), line(4_000), line(20_000)];
  expect(excerpt(lines, [5_000, 9_500], { characters: 30, perLine: 100, lines: 100 })).toEqual({
    lines: [line(4_000), line(5_100), line(9_000)],
    leftOut: 2,
  });
});

test('a line that is too long is shortened, and says so', () => {
  const { lines } = excerpt([line(0, 'x'.repeat(50))], [], {
    characters: 100,
    perLine: 10,
    lines: 100,
  });
  expect(lines).toEqual([line(0, `${'x'.repeat(10)}…`)]);
});

test('without a moment the start of the load is one', () => {
  const limits = { characters: 10, perLine: 100, lines: 100 };
  expect(excerpt([line(5_000), line(-10)], [], limits).lines).toEqual([line(-10)]);
});

test('the same lines are kept in whatever order and number they come', () => {
  const limits = { characters: 95, perLine: 100, lines: 100 };
  const lines = Array.from({ length: 500 }, (_, index) => {
    const place = (index * 193) % 500;
    return line(place * 10, 'x'.repeat(1 + (place % 17)));
  });
  const sorted = lines.toSorted((a, b) => a[0] - b[0]);
  const near = excerpt(lines, [2_000, 3_003], limits);
  expect(excerpt(sorted, [2_000, 3_003], limits)).toEqual(near);
  expect(near.lines.length + near.leftOut).toBe(500);
  const characters = near.lines.reduce((sum, [, , , text]) => sum + text.length, 0);
  expect(characters).toBeLessThanOrEqual(95);
  const farthest = Math.max(
    ...near.lines.map(([at]) => Math.min(Math.abs(at - 2_000), Math.abs(at - 3_003))),
  );
  expect(farthest).toBeLessThan(60);
});

test('lines without text are limited by their number', () => {
  const limits = { characters: 100, perLine: 100, lines: 3 };
  const lines = Array.from({ length: 40 }, (_, index) => line(index, ''));
  expect(excerpt(lines, [20], limits)).toEqual({
    lines: [line(19, ''), line(20, ''), line(21, '')],
    leftOut: 37,
  });
});
