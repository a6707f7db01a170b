import type { Command } from 'commander';

/** What every command gets: where to add itself, what interrupts it, and where its exit code goes. */
export interface CommandHost {
  readonly program: Command;
  readonly signal: AbortSignal;
  readonly exit: (code: number) => void;
}
