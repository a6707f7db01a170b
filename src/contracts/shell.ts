import type { Readable, Writable } from 'node:stream';
import type { Json, Schema } from './json.ts';

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellRunOptions {
  /** Given to the command's standard input; without it that is empty. */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** A command that takes longer is ended, with exit code 124. */
  readonly timeoutMs?: number;
}

/** The only way to a machine: argv in, standard streams and an exit status out. One file per means in src/shells/. */
export interface Shell {
  /** For messages and reports: 'ssh root@db1'. */
  readonly description: string;
  /**
   * Runs a command to its end and returns its output and exit code, whatever the code is.
   * Errors: EnvironmentError when it cannot be started; the signal's reason when aborted.
   */
  run(argv: readonly string[], options?: ShellRunOptions): Promise<ExecResult>;
  /** Starts a command whose streams the harness holds: timers, load workers. Errors: EnvironmentError when it cannot start. */
  open(argv: readonly string[]): Promise<Channel>;
}

/** A command whose standard input the harness holds. When the harness dies, that input ends. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when it has ended, in any way, and all its output was read or is in `stdout`. Never rejects. */
  readonly ended: Promise<ChannelEnd>;
  /** Ends the command at once if possible, else closes the connection to it, which ends its standard input. */
  kill(): void;
}

export interface ChannelEnd {
  /** `unknown`: the connection broke, so whether it still runs is unknown. */
  readonly outcome: 'exited' | 'killed' | 'unknown';
  /** How it ended, in words: 'exit code 1', 'SIGKILL'. */
  readonly how: string;
  /** The last 4,000 characters of its standard error. */
  readonly stderr: string;
}

/** A means to reach machines, as an extension: the file's name is its name in cluster files. */
export interface ShellKind<P = unknown> {
  readonly summary: string;
  readonly params: Schema<P>;
  /** One right set of its keys as a file would say them: for the conformance suite, where a key has no default. */
  readonly example?: Json;
  /** Nothing is sent yet. */
  make(params: P): Shell;
}
