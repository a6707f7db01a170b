import { expect, test } from 'vitest';
import type { Injection } from '../../../../src/contracts/result.ts';
import { Availability } from '../../../../src/judge/availability/availability.ts';
import { lastOutage, outageOf } from '../../../../src/judge/availability/outage.ts';
import { runFacts } from '../../../../src/evidence/events/run-facts.ts';
import { operation, visit } from '../../../histories/in-memory.ts';

/** Acknowledged every 10 ms for 30 s, except in the gaps. The harness waited for the last answer until `loadMs`. */
function outage(
  gaps: readonly (readonly [fromMs: number, untilMs: number])[],
  faults: readonly Partial<Injection>[] = [],
  { loadMs = 30_000, late = [] as readonly number[] } = {},
) {
  const availability = new Availability();
  const times = Array.from({ length: 3_000 }, (_, index) => 10 * index);
  const answered = times.filter((ms) => !gaps.some(([from, until]) => from < ms && ms < until));
  visit(
    [...answered, ...late].map((ms) => operation({ sentUs: 1000 * ms })),
    availability,
  );
  const facts = {
    ...runFacts([]),
    loadMs,
    plannedMs: 30_000,
    faults: faults.map((fault, index): Injection => ({
      id: `f${index}`,
      fault: 'partition',
      targets: ['pg1'],
      plannedAtMs: 0,
      injectedAtMs: 0,
      inForceAtMs: 0,
      healedAtMs: null,
      ...fault,
    })),
  };
  return { ...outageOf(facts, availability, []), last: lastOutage(facts, availability) };
}

test('waiting for a client that hangs at the end is no outage', () => {
  expect(outage([], [], { loadMs: 35_000 }).longestMs).toBe(10);
});

test('an answer that was waited for after the planned end makes no outage, and is no first write', () => {
  const noop = { injectedAtMs: 10_000, healedAtMs: 26_000 };
  const { longestMs, perFault } = outage([], [noop], { loadMs: 35_050, late: [35_000] });
  expect([longestMs, perFault[0]?.firstAckMs]).toEqual([10, null]);
  const silent = outage([[26_000, 30_000]], [], { loadMs: 35_050, late: [35_000] });
  expect(silent.longestMs).toBe(4_000);
});

test('a load without an answer until its planned end has an outage until then', () => {
  expect(outage([[26_000, 30_000]], [], { loadMs: 35_000 }).longestMs).toBe(4_000);
});

test('a fault without an outage has no first write after it', () => {
  const [noop] = outage([[9_600, 9_800]], [{ injectedAtMs: 2_000 }]).perFault;
  expect(noop).toMatchObject({ fromMs: 9_600, untilMs: 9_800, firstAckMs: null });
});

test('an outage that begins right after a heal belongs to that fault, unless another fault began', () => {
  const blip = { injectedAtMs: 2_000, healedAtMs: 8_000 };
  const times = (...faults: readonly Partial<Injection>[]) =>
    outage([[8_050, 15_000]], [blip, ...faults]).perFault.map(({ firstAckMs }) => firstAckMs);
  expect(times()).toEqual([13_000]);
  expect(times({ injectedAtMs: 8_040 })).toEqual([null, 6_960]);
  expect(times({ injectedAtMs: 20_000 })).toEqual([13_000, null]);
});

test('the load ends in an outage if its last gap is one', () => {
  const silent = { fromUs: 26_000_000, untilUs: 30_000_000 };
  expect(outage([[26_000, 30_000]]).last).toEqual(silent);
  const late = { loadMs: 35_050, late: [35_000] };
  expect(outage([[26_000, 30_000]], [], late).last).toEqual(silent);
  expect(outage([[20_000, 29_800]]).last).toBeUndefined();
  expect(outage([[29_700, 30_000]]).last).toBeUndefined();
});
