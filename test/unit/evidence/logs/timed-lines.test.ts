import { expect, test } from 'vitest';
import { timedLines } from '../../../../src/evidence/logs/timed-lines.ts';

const at = (text: string) => Date.parse(text);

test('the times of Patroni, PostgreSQL and both etcds are read, and a line without one goes on with the line before', () => {
  const log = [
    'The files belonging to this database system will be owned by user "postgres".',
    '2026-11-29 01:59:53,534 INFO: no action',
    'Traceback (most recent call last):',
    '2026-11-29 02:00:08.184 UTC [119] LOG:  starting PostgreSQL 15.18',
    '2026-11-29 02:00:08.184 +03 [119] LOG:  in a zone without a name',
    '2026-11-29 02:00:09.123456 I | raft: 1 became leader',
    '{"level":"warn","ts":"2026-11-29T02:00:10.5Z","msg":"slow fdatasync","took":"2s"}',
    '',
  ];
  expect([...timedLines(log)]).toEqual([
    { atMs: null, text: log[0] },
    {
      atMs: at('2026-11-29T01:59:53.534Z'),
      text: 'INFO: no action\nTraceback (most recent call last):',
    },
    { atMs: at('2026-11-29T02:00:08.184Z'), text: '[119] LOG:  starting PostgreSQL 15.18' },
    { atMs: at('2026-11-28T23:00:08.184Z'), text: '[119] LOG:  in a zone without a name' },
    { atMs: at('2026-11-29T02:00:09.123Z'), text: 'I | raft: 1 became leader' },
    { atMs: at('2026-11-29T02:00:10.500Z'), text: 'warn: slow fdatasync {"took":"2s"}' },
  ]);
});

test('a line with the name of a zone whose offset is unknown has no time', () => {
  const line = '2026-11-29 02:00:08.184 IST [119] LOG:  ready';
  expect([...timedLines([line])]).toEqual([{ atMs: null, text: line }]);
});

test('a line of etcd that was cut off by a kill has no time of its own', () => {
  const line = '{"level":"warn","ts":"2026-11-2';
  expect([...timedLines([line])]).toEqual([{ atMs: null, text: line }]);
});
