import { Option } from 'commander';
import { ScenarioError } from '../std/errors.ts';
import { loadRegistry } from '../registry.ts';
import { parseScenario } from '../scenario/parse/parse.ts';
import type { CommandHost } from './support/command-host.ts';
import { defaultBackend } from '../scenario/words/choose-backend.ts';
import { bootOwnLab } from './support/boot-lab.ts';
import { sayLongWaits, tellLine } from './support/logger.ts';
import { prepareHost } from './support/prepare-host.ts';
import { print } from '../std/output.ts';

interface LabArguments {
  readonly backend: string;
  readonly nodes: string;
  readonly synchronous: string;
  readonly install: boolean;
}

export function labCommand({ program, signal, exit }: CommandHost): void {
  program
    .command('lab')
    .description(
      'boot a cluster and hold it until Ctrl-C; `run --attach` and `verify --lab` use it',
    )
    .option('--backend <name>', 'where the cluster runs', defaultBackend(process.platform))
    .option('--nodes <count>', 'PostgreSQL members', '3')
    .addOption(
      new Option('--synchronous <mode>', 'replication mode')
        .choices(['off', 'on', 'strict', 'quorum'])
        .default('off'),
    )
    .option('--no-install', 'fail instead of installing what this host lacks')
    .action(async (options: LabArguments) => {
      const registry = await loadRegistry();
      const backend = registry.backends.get(options.backend);
      if (!backend) throw new ScenarioError(`there is no backend '${options.backend}'`);
      const log = tellLine;
      using _waits = sayLongWaits(log);
      // Parsed as a scenario, so that the parser's defaults and limits apply.
      const text = `name: lab\nclaim: A cluster is up.\ncluster: { nodes: ${options.nodes}, synchronous: ${options.synchronous} }\nload: { duration: 1s }\n`;
      const { cluster: spec } = parseScenario(text, {
        file: 'lab options',
        registry,
        backend: options.backend,
      });
      await prepareHost(backend, { spec, install: options.install, log });
      await using cluster = await bootOwnLab(backend, spec, { signal, log });
      print(
        `lab ${cluster.id} is up: ${cluster.nodes.map(({ name }) => name).join(', ')}\n` +
          (backend.attach ? `  npm run scenario partition-5s -- --attach ${cluster.id}\n` : '') +
          `  npm run forkpoint -- psql ${cluster.nodes[0]?.name ?? 'NODE'} --lab ${cluster.id}\n`,
      );
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      exit(0);
    });
}
