import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import type { Batch, Position } from '../../../src/downstream/change.ts';
import { Outbox } from '../../../src/downstream/outbox.ts';
import { pauseMs } from '../../../src/downstream/retry.ts';
import { SqlError } from '../../../src/pg/session.ts';

const at = (number: number): Position => ({ lsn: `0/${number}`, timeline: 1, inside: null });
/** The batch that begins at a position and ends at the next. */
const batch = (number: number): Batch => ({ after: at(number), changes: [], to: at(number + 1) });
const away = () => new SqlError('no answer', { sqlState: '', severity: '', wasConnected: true });
const refused = () =>
  new SqlError('violates check constraint', {
    sqlState: '23514',
    severity: 'ERROR',
    wasConnected: true,
  });

/** A sink that does what `write` says, and what the outbox did. */
function outboxOf(write: (number: number) => Promise<void>) {
  const seen = {
    writtenAtMs: [] as number[],
    delivered: [] as number[],
    retries: [] as string[],
    staged: 0,
    cleared: 0,
  };
  const outbox = new Outbox({
    sink: {
      write: (number) => {
        seen.writtenAtMs.push(performance.now());
        return write(number);
      },
    },
    staging: {
      add: () => {
        seen.staged++;
      },
      clear: () => {
        seen.cleared++;
      },
    },
    from: { batch: 0, position: at(0) },
    delivered: (number) => void seen.delivered.push(number),
    retries: (what) => void seen.retries.push(what),
  });
  return { outbox, seen };
}

test('the pause before the next attempt is 100 ms, doubled each time up to 10 s', () => {
  const pauses = Array.from({ length: 9 }, (_, index) => pauseMs(index + 1));
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
});

test('a sink that is away is tried 5 times with doubled pauses, then once a second, and gets each batch once when it is back', async () => {
  let failures = 6;
  const { outbox, seen } = outboxOf(() =>
    failures-- > 0 ? Promise.reject(away()) : Promise.resolve(),
  );
  await outbox.put(batch(0));
  await outbox.put(batch(1));
  await outbox.drained();
  const times = seen.writtenAtMs.slice(0, 7);
  const pauses = times.slice(1).map((ms, index) => ms - (times[index] ?? ms));
  // A timer may be early by less than 1 ms, and late by any time.
  const least = [100, 200, 400, 800, 1_000, 1_000];
  expect(pauses.map((ms, index) => ms >= (least[index] ?? 0) - 1)).toEqual(least.map(() => true));
  expect(seen).toMatchObject({
    delivered: [1, 2],
    retries: ['sink: attempt 1 failed: no answer', 'sink: away: no answer'],
    staged: 2,
    cleared: 1,
  });
  expect(outbox.failedAttempts).toBe(6);
  expect(outbox.isEmpty).toBe(true);
});

test('100 batches wait for the sink, and who brings the next waits until one is delivered', async () => {
  const first = Promise.withResolvers<undefined>();
  const rest = Promise.withResolvers<undefined>();
  const { outbox, seen } = outboxOf(async (number) => {
    await (number === 1 ? first : rest).promise;
  });
  for (let number = 0; number < 99; number++) await outbox.put(batch(number));
  let hasRoom = false;
  const full = outbox.put(batch(99)).then(() => (hasRoom = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect({ waiting: outbox.waiting, hasRoom }).toEqual({ waiting: 100, hasRoom: false });
  first.resolve(undefined);
  await full;
  expect({ waiting: outbox.waiting, delivered: seen.delivered }).toEqual({
    waiting: 99,
    delivered: [1],
  });
  rest.resolve(undefined);
  await outbox.drained();
  expect(seen.delivered).toHaveLength(100);
});

test('a definite refusal is not tried again: it ends who waits for room, and what waits stays staged', async () => {
  const answer = Promise.withResolvers<undefined>();
  const { outbox, seen } = outboxOf(() => answer.promise.then(() => undefined));
  for (let number = 0; number < 99; number++) await outbox.put(batch(number));
  const full = outbox.put(batch(99));
  answer.reject(refused());
  await expect(full).rejects.toThrow('violates check constraint');
  await expect(outbox.failed).rejects.toThrow('violates check constraint');
  await expect(outbox.drained()).rejects.toThrow('violates check constraint');
  expect(seen.writtenAtMs).toHaveLength(1);
  expect(seen).toMatchObject({ delivered: [], retries: [], staged: 100, cleared: 0 });
  expect(outbox.waiting).toBe(100);
});

test('closing ends the wait for a sink that is away, and what waits stays staged', async () => {
  const { outbox, seen } = outboxOf(() => Promise.reject(away()));
  await outbox.put(batch(0));
  outbox.close();
  await expect(outbox.failed).rejects.toThrow();
  expect(seen).toMatchObject({ delivered: [], staged: 1, cleared: 0 });
  expect(outbox.waiting).toBe(1);
});

test('a batch that does not follow what waits is left out', async () => {
  const { outbox, seen } = outboxOf(() => Promise.resolve());
  await outbox.put(batch(5));
  await outbox.drained();
  expect(seen).toMatchObject({ delivered: [], staged: 0 });
  expect(outbox.last).toEqual(at(0));
});
