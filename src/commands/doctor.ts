import { EnvironmentError, ScenarioError } from '../errors.ts';
import { loadRegistry } from '../registry.ts';
import { defaultBackend } from '../scenario/choose-backend.ts';
import { describeFinding, prepareHost } from './prepare-host.ts';
import type { CommandHost } from './host.ts';

export function doctorCommand({ program }: CommandHost): void {
  program
    .command('doctor')
    .description('show what this host has and lacks for running scenarios, with versions')
    .option('--backend <name>', 'which backend to look at', defaultBackend(process.platform))
    .option('--install', 'install what is missing, as root')
    .action(async (options: { backend: string; install?: true }) => {
      const registry = await loadRegistry();
      const backend = registry.backends.get(options.backend);
      if (!backend) throw new ScenarioError(`there is no backend '${options.backend}'`);
      if (options.install) {
        const log = (line: string): void => void process.stderr.write(`${line}\n`);
        await prepareHost(backend, { install: true, log });
      }
      const findings = await backend.preflight();
      process.stdout.write(`${findings.map(describeFinding).join('\n')}\n`);
      if (findings.some(({ isMissing }) => isMissing)) {
        throw new EnvironmentError(
          'something is missing; `forkpoint doctor --install` as root brings it',
        );
      }
    });
}
