import { expect, test } from 'vitest';
import { MessageBuffer } from '../../../../src/pg/prepared/message-buffer.ts';
import { appendExecute, appendPrepare } from '../../../../src/pg/prepared/requests.ts';

const prepared = (name: string) => {
  const buffer = new MessageBuffer();
  appendPrepare(buffer, name, 'SELECT 1');
  return Buffer.from(buffer.take());
};

test('a value that cannot be sent leaves what was appended before, and nothing of its own message', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const buffer = new MessageBuffer();
  appendPrepare(buffer, 'before', 'SELECT 1');
  expect(() => appendExecute(buffer, { name: 's', values: [cyclic], types: [114] })).toThrow();
  appendPrepare(buffer, 'after', 'SELECT 1');
  expect(Buffer.from(buffer.take())).toEqual(
    Buffer.concat([prepared('before'), prepared('after')]),
  );
});

test('what was taken stays as it is while more is appended, until its memory is used again', () => {
  const buffer = new MessageBuffer();
  appendPrepare(buffer, 'first', 'SELECT 1');
  const first = buffer.take();
  for (let more = 0; more < 100; more++) {
    appendPrepare(buffer, 'more', 'SELECT 1');
    expect(buffer.take()).toEqual(prepared('more'));
  }
  appendPrepare(buffer, 'later', 'x'.repeat(100_000));
  buffer.take();
  expect(first).toEqual(prepared('first'));
});

test('memory that may be used again keeps what was appended and not taken', () => {
  const buffer = new MessageBuffer();
  appendPrepare(buffer, 'first', 'SELECT 1');
  buffer.take();
  appendPrepare(buffer, 'second', 'SELECT 1');
  buffer.reuse();
  expect(buffer.take()).toEqual(prepared('second'));
  buffer.reuse();
  appendPrepare(buffer, 'third', 'SELECT 1');
  expect(buffer.take()).toEqual(prepared('third'));
});
