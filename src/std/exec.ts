import type { ChildProcess } from 'node:child_process';
import { execa, type Options, type ResultPromise } from 'execa';
import type { ExecResult } from '../contracts/shell.ts';
import { EnvironmentError } from './errors.ts';

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** A timeout or the signal also ends every process that the command started, unless it left the group. */
  readonly endsGroup?: true;
}

/**
 * Runs a command to its end and returns its output and exit code, whatever the code is.
 * Errors: EnvironmentError when it cannot start; the signal's reason when aborted. A timeout has exit code 124.
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<ExecResult> {
  const [file, ...args] = argv;
  if (file === undefined) throw new TypeError('run: empty command');
  const child = execa(file, args, execaOptions(options));
  if (options.endsGroup) endGroupOf(child);
  const result = await child;
  options.signal?.throwIfAborted();
  if (result.code === 'ENOENT' || result.code === 'EACCES') {
    throw new EnvironmentError(`cannot start ${file}: ${result.originalMessage ?? result.code}`);
  }
  return {
    exitCode: result.timedOut ? 124 : (result.exitCode ?? 128),
    stdout: result.stdout,
    stderr: result.stderr,
  };
}

/**
 * A signal to nsenter or sudo leaves their child running with its output open. Waiting for that output
 * would take as long as the command.
 */
function endGroupOf(child: Pick<ChildProcess, 'once' | 'pid'>): void {
  child.once('exit', (_code, signal) => {
    if (signal === null || child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  });
}

/** Like `run`, but a non-zero exit code is an error of the class `fail` makes, with the end of the output. */
export async function runOk(
  argv: readonly string[],
  fail: (message: string) => Error,
  options: RunOptions = {},
): Promise<string> {
  const result = await run(argv, options);
  if (result.exitCode !== 0) {
    const said = (result.stderr || result.stdout).trim().split('\n').slice(-5).join('\n');
    throw fail(`${argv.join(' ')}: exit code ${result.exitCode}${said ? `: ${said}` : ''}`);
  }
  return result.stdout;
}

/** Starts a long-lived child that the terminal's Ctrl-C does not reach. The caller ends it; see execa's ResultPromise. */
export function start(argv: readonly string[], options: Options): ResultPromise {
  const [file, ...args] = argv;
  if (file === undefined) throw new TypeError('start: empty command');
  const detached: Options = { detached: true, ...options };
  return execa(file, args, detached);
}

function execaOptions(options: RunOptions) {
  return {
    reject: false,
    // A session of its own: Ctrl-C signals the whole foreground group, and must not end the lab, the load or a
    // heal before Forkpoint has decided what to do.
    detached: true,
    stripFinalNewline: true,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.env && { env: options.env }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.signal && { cancelSignal: options.signal }),
    ...(options.timeoutMs !== undefined && { timeout: options.timeoutMs }),
  };
}

/** Gives this terminal to a command until it exits. Returns its exit code. */
export async function attachTerminal(argv: readonly string[]): Promise<number> {
  const [file, ...args] = argv;
  if (file === undefined) throw new TypeError('attachTerminal: empty command');
  const { exitCode, code, originalMessage } = await execa(file, args, {
    reject: false,
    stdio: 'inherit',
  });
  if (code === 'ENOENT')
    throw new EnvironmentError(`cannot start ${file}: ${originalMessage ?? code}`);
  return exitCode ?? 128;
}
