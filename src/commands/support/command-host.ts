import type { Command } from 'commander';

/** What every command gets: the program to add itself to, the signal that interrupts it, and where to put its exit code. */
export interface CommandHost {
  readonly program: Command;
  readonly signal: AbortSignal;
  readonly exit: (code: number) => void;
  readonly takeInterrupt?: TakeInterrupt | undefined;
}

/** The next Ctrl-C calls `work` instead of interrupting; until disposed. `says`: what a person reads then. */
export type TakeInterrupt = (says: string, work: () => void) => Disposable;
