import { loadRegistry, type Registry } from '../registry.ts';
import { readClusterFile } from '../scenario/read-cluster-file.ts';
import { messageOf, ScenarioError } from '../std/errors.ts';
import { removeLeftFolders } from './support/left-folders.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import type { CommandHost } from './support/command-host.ts';
import { print, tell } from '../std/output.ts';

interface CleanArguments extends JsonArguments {
  readonly cluster?: string;
}

export function cleanCommand({ program, signal, exit }: CommandHost): void {
  program
    .command('clean')
    .description('remove what killed runs left on this host; leaves live runs alone')
    .option('--cluster <file>', 'remove what dead runs left on the cluster of this file instead')
    .option(...jsonOption)
    .action(async ({ json, cluster }: CleanArguments) => {
      const registry = await loadRegistry();
      if (cluster !== undefined) {
        await cleanExisting(cluster, { registry, signal, json });
        exit(0);
        return;
      }
      const places = [...registry.backends].flatMap(([name, backend]) =>
        backend.clean ? [[name, () => backend.clean?.() ?? []] as const] : [],
      );
      const removed: Record<string, readonly string[]> = {};
      const failed: Record<string, string> = {};
      for (const [name, clean] of [...places, ['folders', removeLeftFolders] as const]) {
        try {
          const left = await clean();
          removed[name] = left;
          if (!json)
            print(`${name}: ${left.length === 0 ? 'nothing to remove' : left.join(', ')}\n`);
        } catch (error) {
          // The next place may still have something to clean.
          tell(`${name}: ${messageOf(error)}\n`);
          failed[name] = messageOf(error);
        }
      }
      if (json) printJson({ removed, failed });
      exit(Object.keys(failed).length === 0 ? 0 : 4);
    });
}

/** Errors: EnvironmentError where a run is going on there. */
async function cleanExisting(
  file: string,
  how: {
    readonly registry: Registry;
    readonly signal: AbortSignal;
    readonly json: JsonArguments['json'];
  },
): Promise<void> {
  const { own } = await readClusterFile(file, how.registry);
  const existing = how.registry.backends.get(own.backend)?.existing;
  if (!existing?.clean) {
    throw new ScenarioError(`clean: backend ${own.backend} leaves nothing on its clusters`);
  }
  const removed = await existing.clean(own.params ?? null, how.signal);
  if (how.json) printJson({ cluster: file, removed });
  else print(removed.length === 0 ? 'nothing to remove\n' : `${removed.join('\n')}\n`);
}
