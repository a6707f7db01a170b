import { describe, expect, it } from 'vitest';
import { LatencyRecorder } from '../../../../src/judge/availability/latency.ts';

describe('latencies', () => {
  it('are converted from microseconds to milliseconds, to three digits, and the maximum exactly', () => {
    const recorder = new LatencyRecorder();
    for (let us = 1; us <= 100_000; us++) recorder.record(us);
    const { p50, p95, p99, max, count } = recorder.summary()!;
    expect([p50, p95, p99].map((ms) => Math.round(ms))).toEqual([50, 95, 99]);
    expect({ max, count }).toEqual({ max: 100, count: 100_000 });
  });

  it('are undefined if nothing was recorded', () => {
    expect(new LatencyRecorder().summary()).toBeUndefined();
  });

  it('merge as if one histogram had recorded them all', () => {
    const [one, other, both] = [1, 2, 3].map(() => new LatencyRecorder());
    for (const us of [10, 2_000, 30_000]) {
      one!.record(us);
      both!.record(us);
    }
    for (const us of [5, 7_777_777]) {
      other!.record(us);
      both!.record(us);
    }
    one!.merge(other!);
    expect(one!.summary()).toEqual(both!.summary());
  });

  it('accept zero, fractions and a day', () => {
    const recorder = new LatencyRecorder();
    for (const us of [0, 0.4, 1e12]) recorder.record(us);
    expect(recorder.summary()).toMatchObject({ p50: 0.001, max: 86_400_000, count: 3 });
  });
});
