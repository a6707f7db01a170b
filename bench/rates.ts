/**
 * How punctual a load with a rate is, beside `pgbench -R`, of the same columns, on one throwaway server:
 *   node bench/rates.ts        8 rounds of 3 s each
 *   node bench/rates.ts 20     20 rounds
 * Latencies count from the moment at which an operation was due. They take turns, and ratios are taken within a round. At the end
 * 1,000 clients write at 500/s, and the longest delay of a worker's timers is taken.
 */
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { journalRecords } from '../src/evidence/journal/journal.ts';
import { EnvironmentError } from '../src/std/errors.ts';
import { runOk } from '../src/std/exec.ts';
import { startTestLoad } from '../test/helpers/load.ts';
import { startPostgres, type PostgresServer } from '../test/helpers/postgres.ts';
import {
  asWorker,
  emptyTable,
  pgbenchArgv,
  pgbenchFiles,
  scriptOf,
  type Shape,
} from './support/contenders.ts';
import { median, reportBench, round } from './support/results.ts';

const rounds = Number(process.argv[2] ?? 8);
const shape: Shape = { clients: 16, batch: 1, durationMs: 3_000 };

interface Latencies {
  /** Milliseconds, ascending, from when each operation was due, and from when it was sent. */
  readonly due: readonly number[];
  readonly sent: readonly number[];
}

await using server = await startPostgres({ parameters: { max_wal_size: '8GB' } });
const figures = { ...(await slow(server)), ...(await fast(server)) };
reportBench('rates', { rounds, ...figures, ...(await crowded()) });

/** The median operation should start when it is due. */
async function slow(on: PostgresServer) {
  const late: number[] = [];
  for (let number = 0; number < rounds; number++) {
    const { due, sent } = await ours(on, 500);
    late.push(at(due, 0.5) - at(sent, 0.5));
  }
  return { p50LateMsAt500: { measured: round(median(late)), goal: '<= 0.1' } };
}

async function fast(on: PostgresServer) {
  const measured: { ours: number; pgbench: number }[] = [];
  for (let number = 0; number < rounds; number++) {
    const p99 = { ours: NaN, pgbench: NaN };
    for (const name of number % 2 === 0
      ? (['ours', 'pgbench'] as const)
      : (['pgbench', 'ours'] as const)) {
      p99[name] = at(
        (name === 'ours' ? await ours(on, 5_000) : await pgbench(on, 5_000)).due,
        0.99,
      );
    }
    measured.push(p99);
  }
  const ratio = round(median(measured.map((one) => one.ours / one.pgbench)));
  return {
    p99RatioAt5000: { measured: ratio, goal: '<= 2' },
    p99MsAt5000: {
      ours: round(median(measured.map((one) => one.ours))),
      pgbench: round(median(measured.map((one) => one.pgbench))),
    },
  };
}

/** Each round on a server of its own; with the workers that a load of 1,000 clients has by default. */
async function crowded() {
  const stalls: number[] = [];
  const workers = Math.min(availableParallelism(), 4);
  for (let number = 0; number < rounds; number++) {
    await using on = await startPostgres({
      parameters: { max_wal_size: '8GB', max_connections: '1100' },
    });
    await using test = await startTestLoad(on, {
      clients: 1_000,
      workers,
      durationMs: 10_000,
      ratePerSecond: 500,
    });
    await test.load.done;
    stalls.push(test.load.stats.maxLoopDelayMs);
  }
  return {
    stallMsOf1000Clients: { measured: round(median(stalls)), goal: '<= 50' },
    stallsMsOf1000Clients: stalls.map((ms) => round(ms)),
    workersOf1000Clients: workers,
  };
}

async function ours(on: PostgresServer, ratePerSecond: number): Promise<Latencies> {
  const mix = { insert: 1, update: 0, delete: 0 };
  await using test = await startTestLoad(on, { ...shape, workers: 1, mix, ratePerSecond });
  await test.load.done;
  const file = path.join(test.journalDirectory, '0.bin');
  const sent: number[] = [];
  const due: number[] = [];
  for (const { latencyUs, waitedUs } of journalRecords(file, { runId: test.runId })) {
    sent.push(latencyUs / 1000);
    due.push((latencyUs + waitedUs) / 1000);
  }
  return { due: ascending(due), sent: ascending(sent) };
}

/** Source: pgbench, "Per-Transaction Logging": the third column is the time from the schedule, in microseconds. */
async function pgbench(on: PostgresServer, ratePerSecond: number): Promise<Latencies> {
  await using table = await emptyTable(on);
  await using files = await pgbenchFiles(scriptOf(table.name, shape));
  const [program = '', ...args] = pgbenchArgv(on, files.script, shape);
  await runOk(
    asWorker([program, '-l', '-R', String(ratePerSecond), ...args]),
    (message) => new EnvironmentError(message),
    {
      env: { PGPASSWORD: on.credentials.password ?? '' },
      cwd: files.folder,
    },
  );
  const logs = (await readdir(files.folder)).filter((name) => name.startsWith('pgbench_log'));
  const lines = await Promise.all(
    logs.map((name) => readFile(path.join(files.folder, name), 'latin1')),
  );
  const columns = lines
    .join('')
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  return {
    due: ascending(columns.map(([, , us = NaN]) => us / 1000)),
    sent: ascending(columns.map(([, , us = NaN, , , , lagUs = 0]) => (us - lagUs) / 1000)),
  };
}

function ascending(values: readonly number[]): readonly number[] {
  return values.toSorted((a, b) => a - b);
}

function at(values: readonly number[], share: number): number {
  return values[Math.floor(values.length * share)] ?? NaN;
}
