import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { ConsumerLine, ConsumerStateLine } from '../../../src/contracts/downstream.ts';
import { ConsumerMetrics } from '../../../src/live/consumer-metrics.ts';

const state = (more: Partial<ConsumerStateLine> = {}): ConsumerStateLine => ({
  type: 'state',
  confirmedLsn: '0/200',
  stagedBatches: 2,
  stagedBytes: 900,
  failedAttempts: 3,
  lagMs: 1500,
  ...more,
});

async function scraped(lines: readonly Omit<ConsumerLine, 'atNs'>[]) {
  const registry = new Registry();
  const metrics = new ConsumerMetrics(registry);
  for (const line of lines) metrics.line('feed', { ...line, atNs: '0' } as ConsumerLine);
  const text = await registry.metrics();
  return Object.fromEntries(
    text.split('\n').flatMap((sample) => {
      const found = /^forkpoint_consumer_(\w+)\{consumer="feed"\} (.*)$/.exec(sample);
      return found ? [[found[1], Number(found[2])]] : [];
    }),
  ) as Readonly<Record<string, number>>;
}

const started = { type: 'started', pid: 7 } as const;

test('a consumer has its lag, its staging, its position, its batches and its retries as metrics', async () => {
  const delivered = { type: 'delivered', batch: 1, changes: 40, lsn: '0/200' } as const;
  const gap = { type: 'gap', fromLsn: '0/1', toLsn: '0/2', why: 'gone' } as const;
  expect(await scraped([started, delivered, delivered, state(), gap])).toEqual({
    up: 1,
    lag_seconds: 1.5,
    confirmed_lsn: 512,
    staged_batches: 2,
    staged_bytes: 900,
    batches_total: 2,
    changes_total: 80,
    retries_total: 3,
    gaps_total: 1,
  });
});

test('failed attempts of each process add up', async () => {
  const lines = [started, state(), state({ failedAttempts: 5 }), started, state()];
  expect((await scraped(lines)).retries_total).toBe(8);
});

test.each([
  ['reads no stream', { ...state(), lagMs: undefined }, 1],
  ['is frozen', { type: 'frozen' }, 1],
  ['has ended', { type: 'ended', how: 'signal SIGKILL' }, 0],
])('the lag of a consumer that %s is absent, not what it was', async (_what, line, up) => {
  const found = await scraped([started, state(), line as ConsumerStateLine]);
  expect(found).not.toHaveProperty('lag_seconds');
  expect(found.up).toBe(up);
});
