import { expect, test } from 'vitest';
import { loadSentences } from '../../../../src/render/support/load-sentences.ts';
import { plannedRate } from '../../../../src/judge/sections/throughput.ts';

const load = { ratePerSecond: 500, durationMs: 60_000 } as Parameters<
  typeof plannedRate
>[1]['load'];
const whole = { loadMs: 61_000, stoppedMs: undefined, held: [] };

function said(facts: typeof whole, operations: number | null) {
  const throughput = {
    ackedPerSecond: 1,
    latencyMs: {},
    ...plannedRate(facts, { load, operations }),
  };
  return loadSentences({ throughput });
}

test('a load that sent less than nine tenths of its rate says so with both numbers', () => {
  expect(said(whole, 15_000)).toEqual([
    'The load fell short: 250 of 500 planned operations/s were sent (50 %), for all clients were waiting for answers.',
  ]);
  expect(said(whole, 28_000)).toEqual([]);
});

test('time after its planned end, after it was told to end, or held by a fault is no shortfall', () => {
  const held = [{ fromMs: 10_000, untilMs: 40_000 }];
  expect(said({ ...whole, held } as never, 15_000)).toEqual([]);
  expect(said({ ...whole, stoppedMs: 30_000 } as never, 15_000)).toEqual([]);
});

test('what was sent is unknown where a journal is missing', () => {
  expect(plannedRate(whole, { load, operations: null }).planned?.sentPerSecond).toBeNull();
  expect(said(whole, null)).toEqual([]);
});
