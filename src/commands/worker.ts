import type { CommandHost } from './support/command-host.ts';

export function workerCommand({ program }: CommandHost): void {
  program
    .command('worker')
    .description('drive load for a Forkpoint elsewhere, which speaks frames on stdin and stdout')
    .action(async () => {
      // The module is the program: it takes the streams and ends the process when the load is over.
      await import('../load/worker.ts');
      await new Promise<never>(() => undefined);
    });
}
