import { expect, test } from 'vitest';
import type { Operation, Writer } from '../../../src/contracts/workload.ts';
import { withTransactionOptions } from '../../../src/load/transaction-options.ts';

const statement = (text: string) => ({ text, values: [] });
const settled: Operation[] = [];
const writerOf = (before?: readonly string[]): Writer => ({
  next: () => ({
    ...{ kind: 'insert', seq: 0, count: 1, version: 0, statement: statement('LAST') },
    ...(before && { before: before.map(statement) }),
  }),
  settle: (operation) => settled.push(operation),
});

const sent = (writer: Writer): readonly string[] => {
  const { begin = 'BEGIN', before, statement: last } = writer.next();
  return before ? [begin, ...before.map(({ text }) => text), last.text] : [begin, last.text];
};

test('a load that says nothing of its transactions has the writer as it is', () => {
  const writer = writerOf();
  expect(withTransactionOptions(writer, {})).toBe(writer);
});

test('isolation and synchronous_commit are set in the transaction, also of a single statement', () => {
  const options = { isolation: 'serializable', synchronousCommit: 'remote_apply' } as const;
  expect(sent(withTransactionOptions(writerOf(), options))).toEqual([
    'BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL synchronous_commit TO remote_apply',
    'LAST',
  ]);
  expect(sent(withTransactionOptions(writerOf(['A']), { synchronousCommit: 'off' }))).toEqual([
    'BEGIN; SET LOCAL synchronous_commit TO off',
    ...['A', 'LAST'],
  ]);
});

test('with savepoints each statement has one of its own, and those of the workload stay as they are', () => {
  const [set, release] = ['SAVEPOINT forkpoint', 'RELEASE SAVEPOINT forkpoint'];
  const writer = writerOf(['A', 'SAVEPOINT s', 'B', 'ROLLBACK TO s']);
  expect(sent(withTransactionOptions(writer, { savepoints: true }))).toEqual([
    'BEGIN',
    ...[set, 'A', release],
    'SAVEPOINT s',
    ...[set, 'B', release],
    'ROLLBACK TO s',
    ...[set, 'LAST'],
  ]);
});

test('the writer learns the outcome of its operation', () => {
  const writer = withTransactionOptions(writerOf(), { savepoints: true });
  const operation = writer.next();
  writer.settle(operation, 'acknowledged');
  expect(settled).toEqual([operation]);
});
