import { expect, test } from 'vitest';
import type { Result } from '../../../src/contracts/result.ts';
import { differences } from '../../../src/selftest/differences.ts';

const calm = {
  writes: { durable: 10, lost: 0, corrupted: 0 },
  lostRanges: [],
  anomalies: [],
  structure: [],
  replicas: [
    { node: 'pg2', status: 'agrees', reason: null, missing: 0, extra: 0, corrupted: 0 },
  ] as unknown as Result['replicas'],
} as unknown as Result;

const planted = {
  changes: { lost: 2, durable: -2 },
  findings: [
    { kind: 'lost insert', writer: 1, from: 5, to: 5 },
    { kind: 'lost insert', writer: 1, from: 6, to: 6 },
  ],
};

const lost = (from: number, to: number) =>
  [{ kind: 'insert', writer: 1, from, to }] as unknown as Result['lostRanges'];

test('a verdict that names exactly the planted damage has no difference, however it splits ranges', () => {
  const writes = { ...calm.writes, durable: 8, lost: 2 };
  const result = { ...calm, writes, lostRanges: lost(5, 6) };
  expect(differences(planted, { calm, result, where: 'pg1' })).toEqual([]);
});

test('a checker that finds nothing is caught by its numbers and its missing names', () => {
  expect(differences(planted, { calm, result: calm, where: 'pg1' })).toEqual([
    'durable: 8 expected, 10 found',
    'lost: 2 expected, 0 found',
    'not reported: lost insert: writer 1, rows 5 to 6',
  ]);
});

test('a checker that counts right and names the wrong rows is caught', () => {
  const writes = { ...calm.writes, durable: 8, lost: 2 };
  const result = { ...calm, writes, lostRanges: lost(6, 7) };
  expect(differences(planted, { calm, result, where: 'pg1' })).toEqual([
    'not reported: lost insert: writer 1, rows 5 to 6',
    'reported without cause: lost insert: writer 1, rows 6 to 7',
  ]);
});

test('a wrong verdict on a replica is a difference', () => {
  const [replica] = calm.replicas;
  const blamed = [{ ...replica!, status: 'differs' as const, missing: 1 }];
  const nothing = { changes: {}, findings: [] };
  const result = { ...calm, replicas: blamed };
  expect(differences(nothing, { calm, result, where: 'pg1' })).toEqual([
    'pg2 differs: 1 missing, 0 extra, 0 corrupted, 0 stale',
  ]);
});

test('a broken structure must be named on every node, and nothing else', () => {
  const broken = { changes: {}, findings: [], structure: ['ledger_1'] };
  const on = (node: string, relation: string) => ({ node, relation, message: 'detached' });
  const all = { ...calm, structure: [on('pg1', 'ledger_1'), on('pg2', 'ledger_1')] };
  expect(differences(broken, { calm, result: all, where: 'pg1' })).toEqual([]);
  const other = { ...calm, structure: [on('pg1', 'ledger_1'), on('pg1', 'run')] };
  expect(differences(broken, { calm, result: other, where: 'pg1' })).toEqual([
    'not reported: broken structure on pg2: ledger_1',
    'reported without cause: broken structure on pg1: run',
  ]);
});
