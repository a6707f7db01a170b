import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ScenarioError } from '../../../../src/std/errors.ts';
import {
  compare,
  comparison,
  duration,
  formatComparison,
  formatDuration,
  formatRate,
  formatSize,
  parseDuration,
  parseSize,
  positiveDuration,
  rate,
  size,
  type ComparisonKind,
} from '../../../../src/std/units/units.ts';

function messagesOf(schema: z.ZodType, input: unknown): string[] {
  return schema.safeParse(input).error?.issues.map(({ message }) => message) ?? [];
}

describe('quantities', () => {
  test('a duration is in whole milliseconds, whatever its unit', () => {
    const texts = ['5s', '250ms', '2m', '1h', '1.5s', '0.3s', '0s', '5 s'];
    expect(texts.map(parseDuration)).toEqual([5000, 250, 120_000, 3_600_000, 1500, 300, 0, 5000]);
  });

  test('a size counts in powers of 1024, as PostgreSQL does', () => {
    expect(['256B', '64kB', '1MB', '2GB'].map(parseSize)).toEqual([
      256,
      65_536,
      1_048_576,
      2 ** 31,
    ]);
  });

  test('a rate is per second', () => {
    expect(['500/s', '30/min', '3600/h'].map((text) => rate.parse(text))).toEqual([500, 0.5, 1]);
  });

  test.each<[z.ZodType, unknown, string]>([
    [duration, 5, '5 needs a unit: 5s or 5000ms'],
    [duration, '5', '5 needs a unit: 5s or 5000ms'],
    [duration, '-5s', "'-5s' must not be negative"],
    [duration, '5sec', "'5sec' has an unknown unit; units of a duration: ms, s, m, h"],
    [duration, 'soon', "'soon' is not a duration such as 5s"],
    [duration, '0.1ms', "'0.1ms' is finer than 1ms"],
    [duration, '169h', "'169h' exceeds the limit of 7 days"],
    [duration, null, 'needs a duration such as 5s'],
    [duration, undefined, 'needs a duration such as 5s'],
    [duration, ['5s'], `'["5s"]' is not a duration such as 5s`],
    [positiveDuration, '0s', 'must be longer than 0s'],
    [size, 256, '256 needs a unit: 256B or 256kB'],
    [size, '1KB', "'1KB' has an unknown unit; units of a size: B, kB, MB, GB"],
    [rate, 500, '500 needs a unit: 500/s or 30000/min'],
    [rate, '-1/s', "'-1/s' must not be negative"],
    [rate, '0/s', 'must be above 0/s'],
    [size, `${'9'.repeat(300)}B`, `'${'9'.repeat(40)}...' exceeds the limit of 1024GB`],
  ])(
    '%# the error of a wrong quantity names the mistake and the right form',
    (schema, input, message) => {
      expect(messagesOf(schema, input)).toEqual([message]);
    },
  );

  test("a wrong quantity outside a scenario is the author's error", () => {
    expect(() => parseDuration('5')).toThrow(new ScenarioError('5 needs a unit: 5s or 5000ms'));
  });

  test('a formatted duration, size or rate parses back to the same value', () => {
    fc.assert(
      fc.property(
        fc.nat(604_800_000),
        fc.nat(2 ** 31 - 1),
        fc.integer({ min: 1, max: 1e6 }),
        (a, b, c) => {
          expect(parseDuration(formatDuration(a))).toBe(a);
          expect(parseSize(formatSize(b))).toBe(b);
          expect(rate.parse(formatRate(c))).toBe(c);
        },
      ),
    );
  });

  test('formatting takes the largest unit that fits', () => {
    const durations = [0, 250, 1500, 5000, 90_000, 120_000, 3_600_000].map(formatDuration);
    expect(durations).toEqual(['0s', '250ms', '1.5s', '5s', '90s', '2m', '1h']);
    expect([0, 256, 65_536, 1_048_576].map(formatSize)).toEqual(['0B', '256B', '64kB', '1MB']);
    expect([500, 0.5, 1 / 3600].map(formatRate)).toEqual(['500/s', '30/min', '1/h']);
  });

  test('the input pattern reaches the JSON Schema', () => {
    expect(z.toJSONSchema(positiveDuration, { io: 'input', target: 'draft-7' })).toEqual({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'string',
      pattern: String.raw`^\d+(?:\.\d+)? ?(?:ms|s|m|h)$`,
    });
  });
});

describe('demands', () => {
  test.each<[ComparisonKind, unknown, unknown]>([
    ['count', 0, { kind: 'count', op: '==', value: 0 }],
    ['count', '0', { kind: 'count', op: '==', value: 0 }],
    ['count', '>= 1', { kind: 'count', op: '>=', value: 1 }],
    ['count', '!=2', { kind: 'count', op: '!=', value: 2 }],
    ['count', '== 3', { kind: 'count', op: '==', value: 3 }],
    ['count', '1..5', { kind: 'count', op: '..', value: 1, upTo: 5 }],
    ['duration', '< 15s', { kind: 'duration', op: '<', value: 15_000 }],
    ['duration', '1s..2m', { kind: 'duration', op: '..', value: 1000, upTo: 120_000 }],
    ['percent', '<= 0.5%', { kind: 'percent', op: '<=', value: 0.5 }],
    ['size', '< 1MB', { kind: 'size', op: '<', value: 1_048_576 }],
    ['rate', '>= 400/s', { kind: 'rate', op: '>=', value: 400 }],
  ])('a demand on a %s is read from %j', (kind, input, parsed) => {
    expect(comparison(kind).parse(input)).toEqual(parsed);
  });

  test.each<[ComparisonKind, unknown, string]>([
    ['count', -1, `'-1' is not a count such as 0, ">= 1", "< 5" or "1..5"`],
    ['count', 1.5, `'1.5' is not a count such as 0, ">= 1", "< 5" or "1..5"`],
    ['count', 'few', `'few' is not a count such as 0, ">= 1", "< 5" or "1..5"`],
    ['count', '=> 1', `'=> 1' is not a count such as 0, ">= 1", "< 5" or "1..5"`],
    ['count', '5..1', "'5..1' is a range whose end is below its start"],
    ['count', null, 'needs a count or a demand such as "< 5"'],
    ['duration', '< 15', '15 needs a unit: 15s or 15000ms'],
    ['duration', 0, '0 needs a unit: 0s or 0ms'],
    ['percent', '<= 1', '1 needs a unit: 1%'],
  ])('the error of a wrong demand on a %s, %j, names the right form', (kind, input, message) => {
    expect(messagesOf(comparison(kind), input)).toEqual([message]);
  });

  test('a demand is met by exactly its numbers', () => {
    const met = (text: string) =>
      [0, 1, 2, 3, 4].filter((number) => compare(number, comparison('count').parse(text)));
    expect(['2', '!= 2', '< 2', '<= 2', '> 2', '>= 2', '1..3'].map(met)).toEqual([
      [2],
      [0, 1, 3, 4],
      [0, 1],
      [0, 1, 2],
      [3, 4],
      [2, 3, 4],
      [1, 2, 3],
    ]);
  });

  test('a demand is shown as written in the scenario', () => {
    const shown = ['0', '>= 1', '== 3', '1..5'].map((text) =>
      formatComparison(comparison('count').parse(text)),
    );
    expect(shown).toEqual(['0', '>= 1', '3', '1..5']);
    expect(formatComparison(comparison('duration').parse('<15s'))).toBe('< 15s');
  });
});
