import { expect, test } from 'vitest';
import type { Outcome } from '../../../src/contracts/evidence.ts';
import type { Operation } from '../../../src/contracts/workload.ts';
import { OwnWrites, shows } from '../../../src/load/own-writes.ts';

const statement = { text: '', values: [] };
type Sent = readonly [kind: Operation['kind'], seq: number, version: number, outcome: Outcome];

function lastOf(...sent: readonly Sent[]) {
  const writes = new OwnWrites();
  for (const [kind, seq, version, outcome] of sent) {
    writes.settled({ kind, seq, count: 1, version, statement }, outcome);
  }
  return writes.last;
}

test('the last acknowledged write is the one that the next read must show', () => {
  expect(lastOf()).toBeUndefined();
  expect(lastOf(['insert', 3, 0, 'acknowledged'])).toEqual({
    seq: 3,
    version: 0,
    isDeleted: false,
  });
  expect(lastOf(['insert', 3, 0, 'acknowledged'], ['update', 1, 4, 'acknowledged'])).toEqual({
    seq: 1,
    version: 4,
    isDeleted: false,
  });
  expect(lastOf(['insert', 3, 0, 'acknowledged'], ['delete', 2, 0, 'acknowledged'])).toEqual({
    seq: 2,
    version: 0,
    isDeleted: true,
  });
});

test('of a batch it is the last row', () => {
  const writes = new OwnWrites();
  writes.settled({ kind: 'insert', seq: 10, count: 5, version: 0, statement }, 'acknowledged');
  expect(writes.last?.seq).toBe(14);
});

test.each(['localOnly', 'failed', 'indeterminate'] as const)(
  'a %s write of the same row leaves nothing that must be seen, and one of another row changes nothing',
  (outcome) => {
    const inserted: Sent = ['insert', 3, 0, 'acknowledged'];
    expect(lastOf(inserted, ['update', 3, 1, outcome])).toBeUndefined();
    expect(lastOf(inserted, ['delete', 3, 0, outcome])).toBeUndefined();
    expect(lastOf(inserted, ['insert', 4, 0, outcome])).toMatchObject({ seq: 3 });
  },
);

test('a read shows a write by its version or a later one, and a delete by there being no row', () => {
  const updated = { seq: 1, version: 4, isDeleted: false };
  expect([null, 3, 4, 5].map((found) => shows(updated, found))).toEqual([false, false, true, true]);
  const deleted = { seq: 1, version: 0, isDeleted: true };
  expect([null, 0, 4].map((found) => shows(deleted, found))).toEqual([true, false, false]);
});
