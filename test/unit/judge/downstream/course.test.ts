import { expect, test } from 'vitest';
import type {
  ConsumerLine,
  StoredConsumer,
  TimedLine,
} from '../../../../src/contracts/downstream.ts';
import { courseOf } from '../../../../src/judge/downstream/course.ts';

type Said = ConsumerLine extends infer Line
  ? Line extends unknown
    ? Omit<Line, 'atNs'>
    : never
  : never;

function at(atMs: number, said: Said, more: { readonly isSecond?: true } = {}): TimedLine {
  return { ...said, ...more, atNs: '0', atUs: atMs * 1000 };
}

function course(lines: readonly TimedLine[], more: Partial<StoredConsumer> = {}) {
  const sink = { status: 'read', confirmed: null, changes: [], readAtUs: 30_000_000 } as const;
  return courseOf({ name: 'feed', consumer: 'cdc', lines, sink, ...more });
}

const started = { type: 'started', pid: 7 } as const;
const streaming = { type: 'streaming', node: 'pg1', timeline: 1, fromLsn: '0/1' } as const;
const delivered = (changes: number): Said => ({ type: 'delivered', batch: 1, changes, lsn: '0/2' });
const away = (waitsFor: 'source' | 'sink'): Said => ({
  type: 'retry',
  what: 'no answer',
  waitsFor,
});

test('a consumer is up, frozen, down and waits in turn, and what it delivered is counted by the second', () => {
  const found = course([
    at(-500, started),
    at(-400, streaming),
    at(900, delivered(5)),
    at(1_100, delivered(7)),
    at(1_900, delivered(1)),
    at(2_000, { type: 'frozen' }),
    at(4_000, { type: 'thawed' }),
    at(5_000, { type: 'ended', how: 'signal SIGKILL' }),
    at(7_000, started),
    at(7_100, streaming),
    at(8_000, away('sink')),
    at(9_000, delivered(3)),
    at(10_000, away('source')),
    at(12_000, streaming),
    at(20_000, { type: 'stopped', isAsked: true, why: 'asked to end' }),
    at(20_001, { type: 'ended', how: 'exit code 0' }),
  ]);
  expect(found).toEqual({
    spans: [
      { state: 'up', fromMs: -500, toMs: 2_000 },
      { state: 'frozen', fromMs: 2_000, toMs: 4_000 },
      { state: 'up', fromMs: 4_000, toMs: 5_000 },
      { state: 'down', fromMs: 5_000, toMs: 7_000 },
      { state: 'up', fromMs: 7_000, toMs: 8_000 },
      { state: 'sinkAway', fromMs: 8_000, toMs: 9_000 },
      { state: 'up', fromMs: 9_000, toMs: 10_000 },
      { state: 'sourceAway', fromMs: 10_000, toMs: 12_000 },
      { state: 'up', fromMs: 12_000, toMs: 20_000 },
      { state: 'down', fromMs: 20_000, toMs: 30_000 },
    ],
    deliveries: [
      { fromMs: 0, batches: 1, changes: 5 },
      { fromMs: 1_000, batches: 2, changes: 8 },
      { fromMs: 9_000, batches: 1, changes: 3 },
    ],
    gapsAtMs: [],
  });
});

test('a consumer that names a gap is down from there to the end', () => {
  const found = course([
    at(0, started),
    at(6_000, { type: 'gap', fromLsn: '0/1', toLsn: '0/2', why: 'the slot is gone' }),
    at(6_001, { type: 'stopped', isAsked: false, why: 'the slot is gone' }),
  ]);
  expect(found?.gapsAtMs).toEqual([6_000]);
  expect(found?.spans.at(-1)).toEqual({ state: 'down', fromMs: 6_001, toMs: 30_000 });
});

test('a second process delivers, and the state is still that of the first', () => {
  const found = course([
    at(0, started),
    at(1_000, started, { isSecond: true }),
    at(1_100, away('source'), { isSecond: true }),
    at(2_000, delivered(4), { isSecond: true }),
    at(3_000, { type: 'ended', how: 'exit code 0' }, { isSecond: true }),
  ]);
  expect(found?.spans).toEqual([{ state: 'up', fromMs: 0, toMs: 30_000 }]);
  expect(found?.deliveries).toEqual([{ fromMs: 2_000, batches: 1, changes: 4 }]);
});

test('of a version that did not say when a killed one ended, the time until the next start is unknown', () => {
  const found = course([at(0, started), at(3_000, delivered(1)), at(6_000, started)]);
  expect(found?.spans).toEqual([
    { state: 'up', fromMs: 0, toMs: 3_000 },
    { state: 'up', fromMs: 6_000, toMs: 30_000 },
  ]);
});

test("of somebody else's program only the process is seen, and of a subscription nothing", () => {
  expect(course([at(0, started)], { consumer: 'own' })?.deliveries).toBeNull();
  expect(course([], { consumer: 'subscription' })).toBeUndefined();
});
