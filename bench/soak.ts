/**
 * Whether memory and event loops stay as they are under a long load at full speed, on one throwaway server:
 *   node bench/soak.ts          10 minutes
 *   node bench/soak.ts 60       60 minutes
 * The goals: below 1 MB a minute, and no delay of the harness's event loop, or of the worker's timers, above 100 ms. Exits with 1
 * where resident memory grows faster.
 */
import { reportBench } from './support/results.ts';
import { soak } from './support/soak.ts';

const minutes = Number(process.argv[2] ?? 10);
const { mbPerMinute, stallMs, ...rest } = await soak(minutes);
reportBench('soak', {
  goals: {
    workerMbPerMinute: { measured: mbPerMinute.worker, goal: '<= 1' },
    harnessMbPerMinute: { measured: mbPerMinute.harness, goal: '<= 1' },
    workerStallMs: { measured: stallMs.worker, goal: '<= 100' },
    harnessStallMs: { measured: stallMs.harness, goal: '<= 100' },
  },
  minutes,
  idleStallMs: stallMs.idle,
  ...rest,
});
if (Math.max(mbPerMinute.worker, mbPerMinute.harness) > 1) process.exitCode = 1;
