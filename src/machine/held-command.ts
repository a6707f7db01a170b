import type { Readable, Writable } from 'node:stream';
import { HarnessBug } from '../std/errors.ts';
import { start } from '../std/exec.ts';

/** A command whose standard input we hold: it ends, at the latest, when this process does. */
export interface HeldCommand {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when it has ended, however; with what it complained about. */
  readonly ended: Promise<string>;
}

/** Starts one that leads to where it shall run by itself: nsenter, ssh. */
export function holdCommand(argv: readonly string[]): HeldCommand {
  const child = start(argv, {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    reject: false,
    buffer: { stdout: false },
  });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new HarnessBug(`${argv[0] ?? ''}: started without pipes`);
  return { stdin, stdout, ended: child.then(({ stderr }) => String(stderr ?? '').trim()) };
}
