import { expect, test } from 'vitest';
import { type LongWait, onLongWait, waitUntil } from '../../../src/std/wait.ts';

test('a long wait reports what is awaited, for how long at most, and what is missing', async () => {
  const told: LongWait[] = [];
  using _listening = onLongWait((wait) => told.push(wait));
  const endsMs = performance.now() + 5_200;
  const isUp = (): boolean => {
    if (performance.now() >= endsMs) return true;
    throw new Error('pg2 is down');
  };
  await waitUntil('every replica streams', isUp, { timeoutMs: 30_000 });
  expect(told).toEqual([
    {
      what: 'every replica streams',
      waitedMs: expect.closeTo(5_000, -3) as number,
      timeoutMs: 30_000,
      lastSeen: 'pg2 is down',
    },
  ]);
});

test('a wait that gives up reports its duration in seconds', async () => {
  const never = waitUntil('pg1 answers', () => false, { timeoutMs: 200 });
  await expect(never).rejects.toThrow(/^gave up after 0\.2 s waiting until pg1 answers$/);
});
