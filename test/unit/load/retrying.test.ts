import { expect, test } from 'vitest';
import { Gate } from '../../../src/load/gate.ts';
import type { Pacer } from '../../../src/load/pacing.ts';
import { retryingOf } from '../../../src/load/retrying.ts';

const spec = { attempts: 5, fromMs: 60_000, toMs: 60_000, indeterminate: 'stop' } as const;
const pacer = { hold: () => undefined, resume: () => undefined } as unknown as Pacer;

test('a load that is held ends the pause before the next attempt, and the wait for a connection', async () => {
  const gate = new Gate(pacer);
  const retry = retryingOf(spec, { seed: 1, writer: 1, over: new AbortController().signal })!;
  const pause = retry.pause(1, gate.holding);
  const wait = retry.unlessOver(() => new Promise<string>(() => undefined), gate.holding);
  await gate.hold();
  expect([await pause, await wait]).toEqual([false, undefined]);
  gate.resume();
  expect(await retry.unlessOver(() => Promise.resolve('usable'), gate.holding)).toBe('usable');
});
