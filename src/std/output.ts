import { once } from 'node:events';
import { forTerminal } from './plain.ts';

/*
 * The only way to stdout and stderr. What was written for people may hold what others said, so all of it is made
 * plain here, whichever command it comes from.
 */

/** To stdout: what was asked for. */
export function print(text: string): void {
  process.stdout.write(forTerminal(text));
}

/** To stderr: what happens meanwhile. */
export function tell(text: string): void {
  if (picture) picture(text);
  else process.stderr.write(forTerminal(text));
}

let picture: ((text: string) => void) | undefined;

/** While a picture stands on the terminal, lines are written above it, and not into it. */
export function tellAbove(write: (text: string) => void): Disposable {
  picture = write;
  return { [Symbol.dispose]: () => void (picture = undefined) };
}

/** Commands to the CI that runs us, whose parts were escaped where they were put together. */
export function command(text: string): void {
  process.stdout.write(text);
}

/** A long text in pieces. Resolves to false when nobody takes any more of it. */
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
 * A disk that is full or a reader that has gone ends no work: what is under way is healed, and its result written. Only
 * the exit code says it then.
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
