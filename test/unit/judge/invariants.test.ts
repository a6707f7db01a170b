import { expect, test } from 'vitest';
import type { NodeReading, ReadBack } from '../../../src/contracts/evidence.ts';
import check from '../../../src/checks/invariants.ts';
import { invariantsOf } from '../../../src/judge/sections/invariants.ts';

const says = 'money stays';
const node = (name: string, over: Partial<NodeReading>): NodeReading => ({
  node: name,
  status: 'read',
  role: 'replica',
  rows: 0,
  ms: 1,
  writers: [],
  foreign: [],
  partitions: [],
  structure: [],
  ...over,
});
const readBack = (nodes: readonly NodeReading[]): ReadBack => ({
  schemaVersion: 1,
  runId: 'x',
  converged: { ok: true, ms: 1 },
  nodes,
  contentChecked: true,
  ms: 1,
  history: [],
  invariants: [{ name: 'money', says }],
});

test('an invariant is judged on every node, and on one that could not be read it is unknown', () => {
  const invariants = invariantsOf(
    readBack([
      node('a', { invariants: [{ name: 'money', breaches: 0, examples: [] }] }),
      node('b', { invariants: [{ name: 'money', breaches: 2, examples: [{ found: 1 }] }] }),
      node('c', { status: 'unverifiable', reason: 'c could not be read: refused' }),
    ]),
  );
  expect(invariants?.map(({ node: name, status, reason }) => [name, status, reason])).toEqual([
    ['a', 'holds', null],
    ['b', 'broken', null],
    ['c', 'unknown', 'c could not be read: refused'],
  ]);
  const verdict = (of: typeof invariants, demand: 'hold' | 'any' = 'hold') =>
    check.check({ result: { invariants: of } } as never, demand);
  expect(verdict(invariants)).toMatchObject({
    status: 'fail',
    summary:
      'invariants: money is broken on b (money stays): 2 rows, the first {"found":1}; ' +
      'money on c unknown: c could not be read: refused (demanded: hold)',
  });
  expect(verdict(invariants?.filter(({ status }) => status !== 'broken')).status).toBe('unknown');
  expect(verdict(invariants?.filter(({ status }) => status === 'holds')).status).toBe('pass');
  expect(verdict([]).status).toBe('unknown');
});

test('a workload without invariants has none in the result, and their check asks nothing', () => {
  const { invariants: _, ...older } = readBack([]);
  expect(invariantsOf(older)).toBeUndefined();
  expect(invariantsOf(undefined)).toBeUndefined();
  expect(check.isRecorded?.({} as never)).toBe(false);
});
