import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { startTestLoad } from '../../test/helpers/load.ts';
import { startPostgres } from '../../test/helpers/postgres.ts';
import { childrenOf } from './process-cpu.ts';
import { round } from './results.ts';
import { slopePerMinute, type Sample } from './slope.ts';

export interface SoakFigures {
  readonly rowsPerSecond: number;
  /** By least squares over resident memory each second, after a fifth of the time. */
  readonly mbPerMinute: { readonly worker: number; readonly harness: number };
  /** At the end. */
  readonly mb: { readonly worker: number; readonly harness: number };
  /** Longest delay of timers; `idle`: of a process beside them that does nothing, so what the machine alone causes. */
  readonly stallMs: { readonly worker: number; readonly harness: number; readonly idle: number };
  readonly harnessGcMs: number;
}

const everyMs = 1_000;

/** One worker of 16 clients at full speed on a throwaway server. Errors: Error where the server refused a write. */
export async function soak(minutes: number): Promise<SoakFigures> {
  const durationMs = minutes * 60_000;
  await using server = await startPostgres({ parameters: { max_wal_size: '8GB' } });
  const before = new Set(childrenOf(process.pid));
  await using test = await startTestLoad(server, { clients: 16, workers: 1, durationMs });
  const [worker = 0] = childrenOf(process.pid).filter((pid) => !before.has(pid));
  const memory = { worker: new Memory(worker), harness: new Memory(process.pid) };
  using loop = watchLoop();
  const idle = startIdle();
  const startedMs = performance.now();
  const timer = setInterval(() => {
    const minute = (performance.now() - startedMs) / 60_000;
    memory.worker.note(minute);
    memory.harness.note(minute);
  }, everyMs);
  await test.load.done.finally(() => clearInterval(timer));
  const { rows, maxLoopDelayMs, failed, indeterminate } = test.load.stats;
  if (failed + indeterminate > 0) throw new Error('the server refused writes: no measurement');
  const of = (figure: (of: Memory) => number) => ({
    worker: figure(memory.worker),
    harness: figure(memory.harness),
  });
  return {
    rowsPerSecond: Math.round(rows / (durationMs / 1000)),
    mbPerMinute: of((one) => one.slopeAfter(minutes / 5)),
    mb: of((one) => one.last),
    stallMs: { worker: maxLoopDelayMs, harness: loop.longestMs, idle: await idle() },
    harnessGcMs: loop.longestGcMs,
  };
}

class Memory {
  readonly #pid: number;
  readonly #samples: Sample[] = [];

  constructor(pid: number) {
    this.#pid = pid;
  }

  note(minute: number): void {
    try {
      const pages = Number(readFileSync(`/proc/${this.#pid}/statm`, 'latin1').split(' ')[1]);
      this.#samples.push({ minute, mb: (pages * 4096) / 2 ** 20 });
    } catch {
      // The worker has ended.
    }
  }

  slopeAfter(minute: number): number {
    return round(slopePerMinute(this.#samples.filter((sample) => sample.minute > minute)));
  }

  get last(): number {
    return Math.round(this.#samples.at(-1)?.mb ?? NaN);
  }
}

/** The event loop of this process. */
function watchLoop() {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  let longestGcMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestGcMs = Math.max(longestGcMs, duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  delay.enable();
  return {
    get longestMs() {
      return round(delay.max / 1e6);
    },
    get longestGcMs() {
      return round(longestGcMs);
    },
    [Symbol.dispose]: () => {
      delay.disable();
      observer.disconnect();
    },
  };
}

/** Returns what ends it and gives its longest delay. */
function startIdle(): () => Promise<number> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'idle-loop.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return async () => {
    child.stdin.end();
    return Number(await text(child.stdout));
  };
}
