import { loadRegistry } from '../registry.ts';
import { messageOf } from '../std/errors.ts';
import type { CommandHost } from './support/command-host.ts';
import { print, tell } from '../std/output.ts';

export function cleanCommand({ program, exit }: CommandHost): void {
  program
    .command('clean')
    .description('remove what killed runs left behind on this host; living runs stay')
    .action(async () => {
      const { backends } = await loadRegistry();
      let exitCode = 0;
      for (const [name, backend] of backends) {
        if (!backend.clean) continue;
        try {
          const runs = await backend.clean();
          print(`${name}: ${runs.length === 0 ? 'nothing to remove' : runs.join(', ')}\n`);
        } catch (error) {
          // The next backend may still have something to clean.
          tell(`${name}: ${messageOf(error)}\n`);
          exitCode = 4;
        }
      }
      exit(exitCode);
    });
}
