import { expect, test } from 'vitest';
import { executeRequest, prepareRequest } from '../../../../src/pg/prepared/requests.ts';

test('a value that cannot be sent leaves nothing of its message in the next one', () => {
  const clean = prepareRequest('s', 'SELECT 1');
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  expect(() => executeRequest('s', [cyclic], [114])).toThrow();
  expect(prepareRequest('s', 'SELECT 1')).toEqual(clean);
});
