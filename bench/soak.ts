/**
 * Whether memory and event loops stay as they are under a long load at full speed, on one throwaway server:
 *   node bench/soak.ts          10 minutes
 *   node bench/soak.ts 60       60 minutes
 * Resident memory of the worker and of the harness is read every second; the slope is that of the least squares after a fifth of
 * the time. The goals: below 1 MB a minute, and no delay of the harness's event loop, or of the worker's timers, above 100 ms.
 */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { startTestLoad } from '../test/helpers/load.ts';
import { startPostgres } from '../test/helpers/postgres.ts';
import { childrenOf } from './support/process-cpu.ts';
import { reportBench, round } from './support/results.ts';
import { slopePerMinute, type Sample } from './support/slope.ts';

const minutes = Number(process.argv[2] ?? 10);
const durationMs = minutes * 60_000;
const everyMs = 1_000;

await using server = await startPostgres({ parameters: { max_wal_size: '8GB' } });
const before = new Set(childrenOf(process.pid));
await using test = await startTestLoad(server, { clients: 16, workers: 1, durationMs });
const [worker = 0] = childrenOf(process.pid).filter((pid) => !before.has(pid));
const delay = monitorEventLoopDelay({ resolution: 10 });
let longestGcMs = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longestGcMs = Math.max(longestGcMs, duration);
}).observe({ entryTypes: ['gc'] });
delay.enable();
const startedMs = performance.now();
const memory: Record<'worker' | 'harness', Sample[]> = { worker: [], harness: [] };
const timer = setInterval(() => {
  const minute = (performance.now() - startedMs) / 60_000;
  note('harness', process.pid, minute);
  note('worker', worker, minute);
}, everyMs);
await test.load.done;
clearInterval(timer);
delay.disable();

const { rows, maxLoopDelayMs, failed, indeterminate } = test.load.stats;
if (failed + indeterminate > 0) throw new Error('the server refused writes: no measurement');
const slopes = { worker: slopeOf('worker'), harness: slopeOf('harness') };
reportBench('soak', {
  goals: {
    workerMbPerMinute: { measured: slopes.worker, goal: '<= 1' },
    harnessMbPerMinute: { measured: slopes.harness, goal: '<= 1' },
    workerStallMs: { measured: maxLoopDelayMs, goal: '<= 100' },
    harnessStallMs: { measured: round(delay.max / 1e6), goal: '<= 100' },
  },
  minutes,
  rowsPerSecond: Math.round(rows / (durationMs / 1000)),
  mb: { worker: lastOf('worker'), harness: lastOf('harness') },
  harnessLoopDelayMs: { p99: round(delay.percentile(99) / 1e6), longestGc: round(longestGcMs) },
});

function note(whose: keyof typeof memory, pid: number, minute: number): void {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
    memory[whose].push({ minute, mb: (pages * 4096) / 2 ** 20 });
  } catch {
    // The worker has ended.
  }
}

function slopeOf(whose: keyof typeof memory): number {
  return round(slopePerMinute(memory[whose].filter(({ minute }) => minute > minutes / 5)));
}

function lastOf(whose: keyof typeof memory): number {
  return Math.round(memory[whose].at(-1)?.mb ?? NaN);
}
