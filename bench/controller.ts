/**
 * The controller's side of a load from many pods: what it costs to take their journals, without the pods.
 *   node bench/controller.ts              100 pods, then 1,000, with 4 million writes in all
 *   node bench/controller.ts 250 10       250 pods, 10 million writes
 * Each synthetic pod speaks the worker protocol on a stream in this process: its journal comes in frames of 50 records, which
 * is what 1,000 writes a second make of a flush every 50 ms. They come as fast as the controller takes them, through the
 * supervisor's own code: frames, journal files, figures of each second. Not measured: TLS and WebSocket of the real way.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Shell } from '../src/contracts/shell.ts';
import { JournalWriter } from '../src/evidence/journal/writer.ts';
import { FiguresFeed } from '../src/load/figures-feed.ts';
import { frameHead, frameType } from '../src/load/frames.ts';
import { noStats, type WorkerSpec } from '../src/load/protocol.ts';
import { WorkerProcess } from '../src/load/worker-process.ts';
import { reportBench, round } from './support/results.ts';
import { SyntheticPod } from './support/synthetic-pod.ts';

const writersPerPod = 16;
const recordsPerFrame = 50;

interface Taken {
  readonly pods: number;
  readonly writes: number;
  readonly cpuSecondsPerMillion: number;
  readonly writesPerSecond: number;
  readonly networkMbPerMillion: number;
  readonly diskMbPerMillion: number;
  readonly peakMb: number;
  readonly mbPerPod: number;
  readonly longestStallMs: number;
}

const [pods, millions = 4] = process.argv.slice(2).map(Number);
const sizes = pods === undefined ? [100, 1000] : [pods];
const measured: Taken[] = [];
for (const size of sizes) measured.push(await take(size, millions * 1e6));
const last = measured.at(-1);
reportBench('controller', {
  goals: {
    cpuSecondsPerMillion: { measured: last?.cpuSecondsPerMillion, goal: '<= 1' },
    peakMb: { measured: last?.peakMb, goal: '<= 1000' },
  },
  measured,
});

async function take(pods: number, writes: number): Promise<Taken> {
  const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-bench-'));
  try {
    const bytes = await framesOf(Math.round(writes / pods));
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let figures = 0;
    using feed = new FiguresFeed(() => figures++);
    const streams: SyntheticPod[] = [];
    const workers = await Promise.all(
      Array.from({ length: pods }, (_, worker) => {
        const pod = new SyntheticPod(bytes);
        streams.push(pod);
        return openWorker(pod, { worker, folder, listen: feed.listener() });
      }),
    );
    await Promise.all(workers.map((worker) => worker.ready));
    const ready = process.memoryUsage().rss;
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    let peak = ready;
    const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
    const cpu = process.cpuUsage();
    const startedMs = performance.now();
    feed.start(process.hrtime.bigint(), () => noStats);
    for (const pod of streams) pod.begin();
    await Promise.all(workers.map((worker) => worker.done));
    await Promise.all(workers.map((worker) => worker.kill(1_000)));
    const seconds = (performance.now() - startedMs) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    clearInterval(timer);
    delay.disable();
    if (figures === 0) throw new Error('no figures were folded: nothing was measured');
    const total = Math.round(writes / pods) * pods;
    const onDisk = readdirSync(folder).reduce(
      (sum, file) => sum + statSync(path.join(folder, file)).size,
      0,
    );
    const perMillion = (value: number) => round((value * 1e6) / total);
    return {
      pods,
      writes: total,
      cpuSecondsPerMillion: perMillion((user + system) / 1e6),
      writesPerSecond: Math.round(total / seconds),
      networkMbPerMillion: perMillion((bytes.length * pods) / 1e6),
      diskMbPerMillion: perMillion(onDisk / 1e6),
      peakMb: Math.round(peak / 2 ** 20),
      mbPerPod: round((ready - before) / 2 ** 20 / pods),
      longestStallMs: round(delay.max / 1e6),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One pod's journal as it crosses the wire; all pods send the same, which the controller does not look at. */
async function framesOf(writes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  const sink = {
    name: 'synthetic',
    write: (bytes: Buffer) => {
      parts.push(frameHead(frameType.journal, bytes.length), Buffer.from(bytes));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const header = { schemaVersion: 1, runId: 'bench', worker: 0, originNs: '0' } as const;
  const journal = new JournalWriter(sink, {
    ...header,
    firstWriter: 0,
    writers: writersPerPod,
    nodes: ['pg1', 'pg2', 'pg3'],
  });
  for (let number = 0; number < writes; number++) {
    journal.append({
      kind: 'insert',
      outcome: 'acknowledged',
      version: 0,
      count: 1,
      node: 0,
      timeline: 1,
      writer: number % writersPerPod,
      seq: Math.floor(number / writersPerPod),
      lsn: BigInt(0x3000000 + number * 400),
      sentUs: number * 1000,
      latencyUs: 900,
      waitedUs: 0,
      sqlState: '',
    });
    if (number % recordsPerFrame === recordsPerFrame - 1) await journal.flush();
  }
  await journal.close();
  return Buffer.concat(parts);
}

function openWorker(
  pod: SyntheticPod,
  how: { worker: number; folder: string; listen: ((bytes: Buffer) => void) | undefined },
): Promise<WorkerProcess> {
  const shell: Shell = {
    description: 'a synthetic pod',
    run: () => Promise.reject(new Error('a synthetic pod runs no commands')),
    open: () => Promise.resolve(pod.channel()),
  };
  const spec = { worker: how.worker, isTracked: true, observes: false } as unknown as WorkerSpec;
  return WorkerProcess.open({
    site: { shell, isRemote: true },
    spec,
    journalPath: path.join(how.folder, `${how.worker}.bin`),
    observationsPath: path.join(how.folder, `${how.worker}.jsonl`),
    onJournal: how.listen,
  });
}
