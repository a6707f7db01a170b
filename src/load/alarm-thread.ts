/** Thread entry of `preciseAlarm`: sleeps until the time that is set, and sends the number of the setting back. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SharedAlarm } from './alarm.ts';

const { turn, atMs } = workerData as SharedAlarm;
let rung = -1;
for (;;) {
  const now = Atomics.load(turn, 0);
  const restMs =
    now === rung ? Infinity : (atMs[0] ?? Infinity) - performance.timeOrigin - performance.now();
  if (restMs > 0) Atomics.wait(turn, 0, now, restMs);
  else {
    rung = now;
    parentPort?.postMessage(now);
  }
}
