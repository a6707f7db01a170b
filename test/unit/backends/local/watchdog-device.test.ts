import { expect, test } from 'vitest';
import { WatchdogState } from '../../../../src/backends/local/watchdog-device.ts';

/** What Patroni's TestingWatchdogDevice writes, each at its time; then whether the node is to be reset at these times. */
function silentAt(writes: readonly (readonly [string, number])[], ...times: readonly number[]) {
  const state = new WatchdogState();
  for (const [text, atMs] of writes) state.take(text, atMs);
  return times.map((atMs) => state.silentSinceMs(atMs));
}

test('a node is reset once its Patroni was silent for the timeout that it has set', () => {
  const writes = [
    ['Ctimeout=15\n', 0],
    ['1', 1_000],
    ['1', 3_000],
  ] as const;
  expect(silentAt(writes, 17_999, 18_000, 30_000)).toEqual([undefined, 3_000, 3_000]);
});

test('a node is not reset before Patroni has set a timeout, nor after it has closed the watchdog', () => {
  expect(silentAt([], 1e9)).toEqual([undefined]);
  expect(silentAt([['1', 0]], 1e9)).toEqual([undefined]);
  expect(silentAt([['Ctimeout=15\n1V', 0]], 1e9)).toEqual([undefined]);
  expect(
    silentAt(
      [
        ['Ctimeout=15\n1V', 0],
        ['1', 5_000],
      ],
      20_000,
    ),
  ).toEqual([5_000]);
});

test('the last timeout counts, also where the pipe gives it in pieces', () => {
  const inPieces = [
    ['Ctimeout=15\n1Ctime', 0],
    ['out=2', 1_000],
    ['5\n', 2_000],
  ] as const;
  expect(silentAt(inPieces, 26_999, 27_000)).toEqual([undefined, 2_000]);
});

test('a node that was reset is not reset again before its Patroni writes again', () => {
  const state = new WatchdogState();
  state.take('Ctimeout=15\n1', 0);
  state.disarm();
  expect(state.silentSinceMs(1e9)).toBeUndefined();
});
