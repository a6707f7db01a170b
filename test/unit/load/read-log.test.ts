import { expect, test } from 'vitest';
import type { KeptLine } from '../../../src/evidence/observations/format.ts';
import { ReadLog, type SessionLog } from '../../../src/load/read-log.ts';

function logged(act: (log: ReadLog) => void): readonly KeptLine[] {
  const lines: KeptLine[] = [];
  const log = new ReadLog({ add: (line) => lines.push(line) });
  act(log);
  log.close();
  return lines;
}
const [first, second] = [{}, {}];
const seen = (node: string, beat: number, sentUs: number) => ({ node, beat, sentUs });
/** A read by a session, which showed this. */
function saw(session: SessionLog, at: ReturnType<typeof seen>, connection: object): void {
  const { node, beat, sentUs } = at;
  session.saw({ role: 'replica', beat, sentUs, own: undefined }, node, connection);
}

test('a thousand reads of one state are one line', () => {
  const lines = logged((log) => {
    const session = log.session('reader 0');
    for (let sentUs = 1; sentUs <= 1000; sentUs++) saw(session, seen('pg1', 7, sentUs), first);
  });
  expect(lines).toEqual([
    {
      sight: 'pg1',
      upTo: 7,
      reads: 1000,
      firstSentUs: 1,
      lastSentUs: 1000,
      back: 0,
      backOnConnection: 0,
    },
  ]);
});

test('a session that saw a newer state steps back, and another session does not', () => {
  const lines = logged((log) => {
    const [one, other] = [log.session('reader 0'), log.session('reader 1')];
    saw(one, seen('pg1', 9, 10), first);
    saw(other, seen('pg2', 5, 20), second);
    saw(one, seen('pg2', 5, 30), second);
    // Still older than what it saw first, though newer than the last.
    saw(one, seen('pg2', 8, 40), second);
    saw(one, seen('pg2', 9, 50), second);
  });
  expect(lines.filter((line) => 'session' in line)).toEqual([
    { session: 'reader 0', from: seen('pg1', 9, 10), to: seen('pg2', 5, 30) },
    { session: 'reader 0', from: seen('pg1', 9, 10), to: seen('pg2', 8, 40) },
  ]);
  expect(lines).toContainEqual({
    sight: 'pg2',
    upTo: 5,
    reads: 2,
    firstSentUs: 20,
    lastSentUs: 30,
    back: 1,
    backOnConnection: 0,
  });
});

test('a step back on the same connection is counted as such', () => {
  const lines = logged((log) => {
    const session = log.session('reader 0');
    saw(session, seen('pg1', 9, 10), first);
    saw(session, seen('pg1', 8, 20), first);
    saw(session, seen('pg1', 8, 30), second);
  });
  expect(lines.find((line) => 'sight' in line && line.upTo === 8)).toMatchObject({
    reads: 2,
    back: 2,
    backOnConnection: 1,
  });
});

test('every step back is counted, and the first twenty are named', () => {
  const lines = logged((log) => {
    const session = log.session('reader 0');
    saw(session, seen('pg1', 9, 0), first);
    for (let sentUs = 1; sentUs <= 50; sentUs++) saw(session, seen('pg2', 3, sentUs), second);
  });
  expect(lines.filter((line) => 'session' in line)).toHaveLength(20);
  expect(lines).toContainEqual(expect.objectContaining({ upTo: 3, back: 50 }));
});

test('reads of clients are counted by node, and own writes that were not seen are named', () => {
  const write = { seq: 7, version: 0, isDeleted: false };
  const line = { reader: 3, read: 'status', node: 'pg2', sentUs: 5, answeredUs: 6 };
  const lines = logged((log) => {
    const session = log.session('client 3');
    for (const isShown of [true, false]) {
      session.saw({ role: 'replica', beat: 1, sentUs: 5, own: { write, isShown } }, 'pg2', first);
    }
    session.answered({ ...line, value: { found: 0, expected: 0, rows: 3 } });
    session.answered({ ...line, value: { found: 1, expected: 0, rows: 3 } });
    session.answered({ ...line, node: null, problem: 'no replica could be asked' });
  });
  expect(lines.filter((each) => !('sight' in each))).toEqual([
    { notSeenBy: 'client 3', node: 'pg2', sentUs: 5, seq: 7 },
    { ...line, value: { found: 1, expected: 0, rows: 3 }, by: 'client' },
    { ...line, node: null, problem: 'no replica could be asked', by: 'client' },
    {
      clientReads: 'pg2',
      answered: 2,
      failed: 0,
      judged: 2,
      wrong: 1,
      own: 2,
      ownNotSeen: 1,
    },
    {
      clientReads: null,
      answered: 0,
      failed: 1,
      judged: 0,
      wrong: 0,
      own: 0,
      ownNotSeen: 0,
    },
  ]);
});
