import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import type { PackedTimes } from '../../../../src/contracts/observation.ts';
import { LatencyRecorder } from '../../../../src/evidence/figures/latency-recorder.ts';

describe('latencies', () => {
  it('are converted from microseconds to milliseconds, to three digits, and the maximum exactly', () => {
    const recorder = new LatencyRecorder();
    for (let us = 1; us <= 100_000; us++) recorder.record(us);
    const { p50, p95, p99, max, count } = recorder.summary()!;
    expect([p50, p95, p99].map((ms) => Math.round(ms))).toEqual([50, 95, 99]);
    expect({ max, count }).toEqual({ max: 100, count: 100_000 });
  });

  it('are the same to 3 % after they were packed by the second and added elsewhere', () => {
    const [exact, merged] = [new LatencyRecorder(), new LatencyRecorder('stored')];
    for (let part = 0; part < 10; part++) {
      const recorder = new LatencyRecorder('stored');
      for (let us = 1; us <= 20_000; us++) {
        exact.record(us * (part + 1));
        recorder.record(us * (part + 1));
      }
      merged.addPacked(JSON.parse(JSON.stringify(recorder.packed())) as PackedTimes);
    }
    const [{ p50, p99, max, count, mean }, found] = [exact.summary()!, merged.summary()!];
    expect(found).toMatchObject({ max, count, mean });
    expect(Math.abs(found.p50 - p50) / p50).toBeLessThan(0.03);
    expect(Math.abs(found.p99 - p99) / p99).toBeLessThan(0.03);
  });

  it('are undefined if nothing was recorded', () => {
    expect(new LatencyRecorder().summary()).toBeUndefined();
  });

  it('are those of an HDR histogram that recorded each of them', () => {
    const latencies = fc.array(fc.double({ min: 0, max: 13, noNaN: true }), { maxLength: 200 });
    const differs = (exponents: readonly number[]): boolean => {
      const recorder = new LatencyRecorder('coarse');
      const histogram = build({ highestTrackableValue: 6e8, numberOfSignificantValueDigits: 2 });
      const values = exponents.map((exponent) => Math.min(Math.round(10 ** exponent), 6e8));
      for (const us of values) recorder.record(us);
      for (const us of values) histogram.recordValue(us);
      const most = values.reduce((a, b) => Math.max(a, b), 0);
      const at = (of: number) => Math.min(histogram.getValueAtPercentile(of), most) / 1000;
      const { p50, p95, p99 } = recorder.summary() ?? {};
      return values.length > 0 && [p50, p95, p99].join() !== [at(50), at(95), at(99)].join();
    };
    fc.assert(
      fc.property(latencies, (exponents) => !differs(exponents)),
      { numRuns: 1000, seed: 1 },
    );
  });

  it('accept zero, fractions and a day', () => {
    const recorder = new LatencyRecorder();
    for (const us of [0, 0.4, 1e12]) recorder.record(us);
    expect(recorder.summary()).toMatchObject({ p50: 0.001, max: 86_400_000, count: 3 });
  });
});
