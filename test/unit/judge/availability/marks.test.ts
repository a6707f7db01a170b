import { expect, test } from 'vitest';
import type { RunEvent } from '../../../../src/contracts/evidence.ts';
import { runFacts } from '../../../../src/evidence/events/run-facts.ts';
import { Availability } from '../../../../src/judge/availability/availability.ts';
import { marksOf, outageOf } from '../../../../src/judge/availability/outage.ts';
import { afterMark } from '../../../../src/render/support/mark-words.ts';
import { operation, visit } from '../../../histories/in-memory.ts';

/** Watched for 20 s of at most a day, acknowledged every 10 ms except from 8 s to 12 s and at the end. */
const events: readonly RunEvent[] = [
  {
    ...{ type: 'run', atMs: 0, runId: 'run1', startedAt: '2026-01-01T00:00:00.000Z' },
    ...{ originNs: '0', versions: {}, reproduce: '' },
  },
  { type: 'load', atMs: 1_000, edge: 'begin', originNs: '1000000000' },
  { type: 'mark', atMs: 8_550, agoMs: 50, text: 'switch the VIP' },
  { type: 'mark', atMs: 16_000, agoMs: 0, text: 'and back' },
  { type: 'load', atMs: 21_000, edge: 'stop' },
  { type: 'load', atMs: 26_000, edge: 'end' },
];
const facts = { ...runFacts(events), plannedMs: 86_400_000 };

function written(): Availability {
  const availability = new Availability();
  const times = Array.from({ length: 2_000 }, (_, index) => 10 * index);
  const answered = times.filter((ms) => ms <= 8_000 || ms >= 12_000);
  visit(
    answered.map((ms) => operation({ sentUs: 1000 * ms })),
    availability,
  );
  return availability;
}

test('waiting for answers after the load was told to end is no outage', () => {
  const { longestMs, longestFromMs } = outageOf({ ...facts, loadMs: 25_000 }, written(), events);
  expect([longestMs, longestFromMs]).toEqual([4_000, 8_000]);
});

test('each mark has its time and the longest gap until the next one, which it may have been typed in', () => {
  expect(marksOf(facts, written()).marks).toEqual([
    { text: 'switch the VIP', atMs: 7_500, gap: { fromMs: 8_000, untilMs: 12_000 } },
    { text: 'and back', atMs: 15_000, gap: { fromMs: 14_990, untilMs: 15_000 } },
  ]);
  expect(marksOf(facts, undefined).marks?.[0]?.gap).toBeNull();
});

test('an outage names the last mark before it, or one that was made just after its begin', () => {
  const marks = [{ text: 'go', atMs: 5_000, gap: null }];
  expect(afterMark({ marks }, 5_800)).toBe(", 0.8 s after your mark 'go'");
  expect(afterMark({ marks }, 4_500)).toBe(", 0.5 s before your mark 'go'");
  expect(afterMark({ marks }, 3_000)).toBe('');
  expect(afterMark({}, 3_000)).toBe('');
});
