import { runCommandLine } from '../../src/commands/command-line.ts';
import type { CliResult } from './cli.ts';

export interface CallOptions {
  /** Where runs are written: FORKPOINT_REPORTS. */
  readonly reports: string;
  readonly env?: Readonly<Record<string, string>>;
}

let turn: Promise<unknown> = Promise.resolve();

/**
 * A command of the command line, in this process: a process of its own takes a second of CPU to start. The streams and
 * the environment are this process's, so one call waits for another.
 */
export function callCli(args: readonly string[], options: CallOptions): Promise<CliResult> {
  const called = turn.then(() => call(args, options));
  turn = called.catch(() => undefined);
  return called;
}

async function call(args: readonly string[], { reports, env }: CallOptions): Promise<CliResult> {
  const { signal } = new AbortController();
  using _environment = environmentWith({ ...env, FORKPOINT_REPORTS: reports });
  using stdout = capture(process.stdout);
  using stderr = capture(process.stderr);
  const { code } = await runCommandLine(args, { signal });
  return { exitCode: code, stdout: stdout.text(), stderr: stderr.text() };
}

function environmentWith(changed: Readonly<Record<string, string>>): Disposable {
  const before = { ...process.env };
  Object.assign(process.env, changed);
  return {
    [Symbol.dispose]: () => {
      for (const name of Object.keys(process.env)) {
        if (!(name in before)) Reflect.deleteProperty(process.env, name);
      }
      Object.assign(process.env, before);
    },
  };
}

function capture(stream: NodeJS.WriteStream): Disposable & { text(): string } {
  const write = stream.write.bind(stream);
  const pieces: string[] = [];
  stream.write = (piece: string | Uint8Array) => {
    pieces.push(typeof piece === 'string' ? piece : Buffer.from(piece).toString());
    return true;
  };
  return { text: () => pieces.join(''), [Symbol.dispose]: () => void (stream.write = write) };
}
