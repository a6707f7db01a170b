import { loadRegistry } from '../registry.ts';
import { messageOf } from '../std/errors.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import type { CommandHost } from './support/command-host.ts';
import { print, tell } from '../std/output.ts';

export function cleanCommand({ program, exit }: CommandHost): void {
  program
    .command('clean')
    .description('remove what killed runs left on this host; leaves live runs alone')
    .option(...jsonOption)
    .action(async ({ json }: JsonArguments) => {
      const { backends } = await loadRegistry();
      const removed: Record<string, readonly string[]> = {};
      const failed: Record<string, string> = {};
      for (const [name, backend] of backends) {
        if (!backend.clean) continue;
        try {
          const runs = await backend.clean();
          removed[name] = runs;
          if (!json)
            print(`${name}: ${runs.length === 0 ? 'nothing to remove' : runs.join(', ')}\n`);
        } catch (error) {
          // The next backend may still have something to clean.
          tell(`${name}: ${messageOf(error)}\n`);
          failed[name] = messageOf(error);
        }
      }
      if (json) printJson({ removed, failed });
      exit(Object.keys(failed).length === 0 ? 0 : 4);
    });
}
