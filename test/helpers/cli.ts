import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Result } from '../../src/contracts/result.ts';

const cli = path.resolve(import.meta.dirname, '../../src/bin.js');

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly pid: number;
  readonly done: Promise<CliResult>;
  /** Resolves when stderr contains this; rejects when the process ends before. */
  untilStderr(text: string): Promise<void>;
  /** To the whole process group, as a terminal does it. */
  interrupt(): void;
  /** Harmless when it has ended. */
  kill(): void;
}

export interface CliOptions {
  /** Where runs are written: FORKPOINT_REPORTS. */
  readonly reports: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A prefix for the command: its user and its place. */
  readonly prefix?: readonly string[];
}

/** Starts the command line as its users do, in a process group of its own. */
export function startCli(args: readonly string[], options: CliOptions): RunningCli {
  const { reports, env = {}, prefix = [] } = options;
  const [command = process.execPath, ...rest] = [...prefix, process.execPath, '--', cli, ...args];
  const child = spawn(command, rest, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, FORKPOINT_REPORTS: reports },
  });
  let stdout = '';
  let stderr = '';
  const ended = Promise.withResolvers<CliResult>();
  const listeners = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const listener of listeners) listener();
  });
  child.on('close', (exitCode) => {
    ended.resolve({ exitCode, stdout, stderr });
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the command line did not start');
  return {
    pid,
    done: ended.promise,
    untilStderr: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!stderr.includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        void ended.promise.then(() => reject(new Error(`ended without saying ${text}: ${stderr}`)));
      }),
    interrupt: () => process.kill(-pid, 'SIGINT'),
    kill: () => void child.kill('SIGKILL'),
  };
}

export function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return startCli(args, options).done;
}

/** result.json of a scenario's latest run, or of the one in that folder. */
export function latestResult(reports: string, scenario: string, run = 'latest'): Result {
  const file = path.join(reports, scenario, run, 'result.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Result;
}
