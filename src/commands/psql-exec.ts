import type { LiveCluster } from '../contracts/backend.ts';
import { ScenarioError } from '../std/errors.ts';
import { attachTerminal } from '../std/exec.ts';
import { loadRegistry } from '../registry.ts';
import type { CommandHost } from './support/command-host.ts';
import { hintFor } from './support/usage.ts';
import { liveClusterOf } from './support/live-cluster.ts';

interface EnterArguments {
  readonly lab?: string;
}

export function psqlCommand(host: CommandHost): void {
  host.program
    .command('psql')
    .description('open psql on a node of a lab that is up')
    .argument('<node>', 'its name, such as pg1')
    .argument('[arguments...]', 'arguments of psql, such as -c "SELECT 1"')
    // Not `passThroughOptions`: --lab may follow the node.
    .allowUnknownOption()
    .option('--lab <id>', 'id of the lab; required when several are up')
    .action((node: string, rest: readonly string[], options: EnterArguments) =>
      enterLab(host, { ...options, node }, (cluster) => [...cluster.psql(node), ...rest]),
    );
}

export function execCommand(host: CommandHost): void {
  host.program
    .command('exec')
    .description('run a command as root on a node of a lab that is up')
    .argument('<node>', 'its name, such as pg1')
    .argument('<command...>', 'the command and its options')
    // Not `passThroughOptions`: --lab may follow the node.
    .allowUnknownOption()
    .option('--lab <id>', 'id of the lab; required when several are up')
    .action((node: string, command: readonly string[], options: EnterArguments) =>
      enterLab(host, { ...options, node }, (cluster) => cluster.enter(node, command)),
    );
}

async function enterLab(
  { exit }: CommandHost,
  { node, lab }: EnterArguments & { readonly node: string },
  argvIn: (cluster: LiveCluster) => readonly string[],
): Promise<void> {
  if (node.startsWith('-')) {
    const about =
      hintFor(`unknown option '${node}'`) ?? 'options of psql or of the command follow the node';
    throw new ScenarioError(`unknown option '${node}': ${about}`);
  }
  const { backends } = await loadRegistry();
  exit(await attachTerminal(argvIn(await liveClusterOf(lab, backends))));
}
