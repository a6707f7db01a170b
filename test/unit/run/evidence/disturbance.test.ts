import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Disturbance } from '../../../../src/run/evidence/disturbance.ts';

/** Keeps every timer of this process waiting. */
function block(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

test('a taking that keeps the timers of the run waiting for longer than the limit is to end, and says by how much', async () => {
  using disturbance = new Disturbance(100);
  const taking = disturbance.begin();
  block(2_000);
  await sleep(100);
  expect(taking.signal.aborted).toBe(true);
  expect(String(taking.signal.reason)).toMatch(
    /own timers came \d+ ms later meanwhile than before, and the limit is 100 ms/,
  );
  disturbance.end(taking);
  expect(taking.laterMs).toBeGreaterThan(1_000);
});

test('timers that were as late before a taking are not held against it', async () => {
  using disturbance = new Disturbance(100);
  block(3_000);
  await sleep(100);
  const taking = disturbance.begin();
  block(500);
  await sleep(100);
  disturbance.end(taking);
  expect({ isToEnd: taking.signal.aborted, laterMs: taking.laterMs }).toEqual({
    isToEnd: false,
    laterMs: 0,
  });
});
