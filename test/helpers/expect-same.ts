import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';

/** `toEqual` for properties, which compare thousands of times: a comparison alone costs a fraction of an expectation. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}
