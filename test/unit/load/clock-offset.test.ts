import { expect, test } from 'vitest';
import { offsetOf } from '../../../src/load/clock-offset.ts';

test('the offset comes from the shortest round trip, and half of that is its error', () => {
  const ahead = 5_000_000n;
  const slow = { sentNs: 0n, workerNs: ahead + 9_000n, receivedNs: 10_000n };
  const quick = { sentNs: 20_000n, workerNs: ahead + 20_300n, receivedNs: 20_400n };
  expect(offsetOf([slow, quick])).toEqual({ offsetNs: 5_000_100n, errorNs: 201n });
});

test('the true offset is never farther away than the error', () => {
  for (const behind of [0n, 1n, 37n, 99n, 100n]) {
    const sample = { sentNs: 1_000n, workerNs: 1_000n + behind - 70n, receivedNs: 1_100n };
    const { offsetNs, errorNs } = offsetOf([sample]);
    const distance = offsetNs + 70n;
    expect(distance < 0n ? -distance : distance).toBeLessThanOrEqual(errorNs);
  }
});
