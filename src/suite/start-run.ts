import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { PlannedEntry, RunAnnouncement } from '../contracts/suite.ts';
import { start } from '../std/exec.ts';
import { reportsFolder } from '../evidence/store/run-folders.ts';
import { lastLineOf } from '../std/last-line.ts';
import { tellWhile } from '../std/wait.ts';
import type { RunEnd } from './entry-result.ts';

/** What a run may take beside its load and its convergence: a slow boot, a first image, 100 million rows. */
const spareMs = 15 * 60_000;
/** How often a run that goes on is told of, unless said. */
const tellEveryMs = 30_000;
/** An interrupted run heals, cleans up and writes what it has. */
const patienceMs = 90_000;

export interface StartOptions {
  /** The command line that starts ours: node, its flags, the script. */
  readonly cli: readonly string[];
  /** Path of the file that gets all it prints. */
  readonly log: string;
  /** Folder of the suite, relative to the reports folder: the run's line in the history says it. */
  readonly suite?: string;
  readonly tellEveryMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Runs an entry in a process of its own, with a lab of its own: whatever becomes of it, the others go on. The
 * channel between the two tells the run that we are gone, whatever ended us, and it heals and ends.
 */
export async function startRun(entry: PlannedEntry, options: StartOptions): Promise<RunEnd> {
  const { cli, log, suite, signal } = options;
  // The run gets the file itself and no pipe to us: it goes on writing, and healing, when we are gone.
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
    const announced: readonly unknown[] = ended.ipcOutput;
    return {
      exitCode: ended.exitCode,
      signal: ended.signal,
      hasTimedOut: ended.timedOut,
      log,
      directory: announced.find(isAnnouncement)?.directory,
    };
  } finally {
    file.close();
  }
}

/** What repeats an entry by hand: `run partition-5s --seed 1 ...`. */
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
