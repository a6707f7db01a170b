import { once } from 'node:events';
import { forTerminal } from './plain.ts';

/*
 * The only way to stdout and stderr. Text written for people may quote servers, files and users, so every text
 * is made plain here, whichever command prints it.
 */

/** Results, to stdout. */
export function print(text: string): void {
  process.stdout.write(forTerminal(text));
}

/** Progress and problems, to stderr. */
export function tell(text: string): void {
  if (drawAbove) drawAbove(text);
  else process.stderr.write(forTerminal(text));
}

let drawAbove: ((text: string) => void) | undefined;

/** While live progress is drawn on the terminal, lines go above it, not into it. */
export function tellAbove(write: (text: string) => void): Disposable {
  drawAbove = write;
  return { [Symbol.dispose]: () => void (drawAbove = undefined) };
}

/** Commands to the CI that runs this process; their parts were escaped where they were assembled. */
export function command(text: string): void {
  process.stdout.write(text);
}

/** A long text in pieces. Resolves to false when the reader has closed the stream. */
export async function printPiece(text: string): Promise<boolean> {
  if (failure !== undefined) return false;
  if (!process.stdout.write(forTerminal(text))) {
    await Promise.race([once(process.stdout, 'drain'), failed.promise]);
  }
  return true;
}

export interface OutputFailure {
  readonly stream: 'stdout' | 'stderr';
  readonly error: NodeJS.ErrnoException;
}

let failure: OutputFailure | undefined;
const failed = Promise.withResolvers<undefined>();

/**
 * A full disk or a reader that has gone ends no work: injections are healed and the result is written. Only the
 * exit code reports the failure.
 */
export function watchOutput(): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].on('error', (error: NodeJS.ErrnoException) => {
      failure ??= { stream, error };
      failed.resolve(undefined);
    });
  }
}

/** The first write that failed. */
export function outputFailure(): OutputFailure | undefined {
  return failure;
}
