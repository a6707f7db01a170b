import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { PlannedEntry, RunAnnouncement } from '../contracts/suite.ts';
import { start } from '../std/exec.ts';
import { reportsFolder } from '../evidence/store/run-folders.ts';
import { lastLineOf } from '../std/last-line.ts';
import { tellWhile } from '../std/wait.ts';
import type { RunEnd } from './entry-result.ts';

/** Time a run may take besides its load and convergence: a slow boot, a first image, 100 million rows. */
const spareMs = 15 * 60_000;
/** Default interval between progress lines of a run. */
const tellEveryMs = 30_000;
/** An interrupted run heals, cleans up and writes its result. */
const patienceMs = 90_000;

export interface StartOptions {
  /** The command line that starts Forkpoint: node, its flags, the script. */
  readonly cli: readonly string[];
  /** Path of the file that gets all its output. */
  readonly log: string;
  /** Folder of the suite, relative to the reports folder, for the run's line in runs.jsonl. */
  readonly suite?: string;
  readonly tellEveryMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Runs an entry in a process and a lab of its own, so that its end does not affect the others. When the suite dies, for
 * any reason, the IPC channel closes: the run then heals, and ends.
 */
export async function startRun(entry: PlannedEntry, options: StartOptions): Promise<RunEnd> {
  const { cli, log, suite, signal } = options;
  // The run writes to the file itself, not through a pipe: it goes on writing, and healing, after the suite has died.
  const file = createWriteStream(log);
  await once(file, 'open');
  const { load, cluster } = entry.plan.scenario;
  const timeoutMs = load.durationMs + cluster.convergeMs + spareMs;
  try {
    const run = start([...cli, ...runArguments(entry)], {
      stdin: 'ignore',
      stdout: file,
      stderr: file,
      ipc: true,
      reject: false,
      env: { FORKPOINT_REPORTS: reportsFolder(), FORKPOINT_SUITE: suite ?? '' },
      cancelSignal: signal,
      killSignal: 'SIGINT',
      forceKillAfterDelay: patienceMs,
      timeout: timeoutMs,
    });
    const ended = await tellWhile(run, {
      what: `${entry.label} has ended`,
      timeoutMs,
      everyMs: options.tellEveryMs ?? tellEveryMs,
      lastSeen: async () => (await lastLineOf(log))?.replace(/^\d+\.\d s +/, ''),
    });
    const sent: readonly unknown[] = ended.ipcOutput;
    const announced = sent.filter(isAnnouncement);
    return {
      exitCode: ended.exitCode,
      signal: ended.signal,
      hasTimedOut: ended.timedOut,
      directory: announced.find((said) => said.type === 'run')?.directory,
      failure: announced.find((said) => said.type === 'failed')?.reason,
    };
  } finally {
    file.close();
  }
}

/** The command that repeats an entry by hand: `run partition-5s --seed 1 ...`. */
export function runArguments({ scenario, seed, backend, set }: PlannedEntry): readonly string[] {
  return [
    ...['run', scenario, '--no-install', '--seed', String(seed)],
    ...(backend === undefined ? [] : ['--backend', backend]),
    ...set.flatMap((override) => ['--set', override]),
  ];
}

function isAnnouncement(message: unknown): message is RunAnnouncement {
  return typeof message === 'object' && message !== null && 'type' in message;
}
