import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearest, suggestion } from '../../../src/std/suggest.ts';

const keys = ['rate', 'clients', 'duration', 'deadline', 'partition-5s'];

test.each([
  ['rat', 'rate'],
  ['RATE', 'rate'],
  ['raet', 'rate'],
  ['cleints', 'clients'],
  ['dur', 'duration'],
  ['partition', 'partition-5s'],
  ['partition-15s', 'partition-5s'],
  ['colour', undefined],
  ['x', undefined],
  ['', undefined],
])('%j suggests %s', (word, meant) => {
  expect(nearest(word, keys)).toBe(meant);
});

test('if nothing is near, all known names are listed', () => {
  expect([
    suggestion('rat', ['rate']),
    suggestion('x', ['rate', 'mix']),
    suggestion('x', []),
  ]).toEqual(["; did you mean 'rate'?", '; known: rate, mix', '']);
});

test('the distance of two words is symmetric, and 0 only for the same word', () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});
