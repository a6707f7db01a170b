import { expect, test } from 'vitest';
import { LoadClock } from '../../../src/load/clock.ts';
import { Gate } from '../../../src/load/gate.ts';
import { makePacer } from '../../../src/load/pacing.ts';

function closedLoop(): Gate {
  const clock = new LoadClock(process.hrtime.bigint());
  const pace = { profile: undefined, first: 0, every: 1, durationUs: 60_000_000 };
  return new Gate(makePacer({ clock, ...pace }));
}

/** Of a promise that may not settle: what has happened once all that is ready has run. */
async function soFar(promise: Promise<unknown>): Promise<'settled' | 'pending'> {
  const pending = new Promise<'pending'>((resolve) => setImmediate(resolve, 'pending'));
  return Promise.race([promise.then(() => 'settled' as const), pending]);
}

test('operations that were allowed are done when each has its outcome', async () => {
  const gate = closedLoop();
  await gate.hold();
  const allowed = gate.allow(2);
  const turns = [await gate.turn(), await gate.turn()];
  expect(turns).toEqual(['allowed', 'allowed']);
  gate.settled('allowed');
  expect(await soFar(allowed)).toBe('pending');
  gate.settled('allowed');
  expect(await soFar(allowed)).toBe('settled');
});

test('those that the end of the load leaves undone are not said to be done', async () => {
  const gate = closedLoop();
  await gate.hold();
  const allowed = gate.allow(2);
  expect(await gate.turn()).toBe('allowed');
  gate.end();
  gate.settled('allowed');
  expect(await soFar(allowed)).toBe('pending');
  expect(await gate.turn()).toBeUndefined();
});
