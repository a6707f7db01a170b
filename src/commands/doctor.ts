import { EnvironmentError, ScenarioError } from '../errors.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { defaultBackend } from '../scenario/choose-backend.ts';
import { describeFinding, prepareHost } from './prepare-host.ts';
import { printDurability } from './doctor-cluster.ts';
import type { CommandHost } from './host.ts';

interface DoctorArguments {
  readonly backend: string;
  readonly install?: true;
  readonly dsn: readonly string[];
  readonly patroni?: string;
}

export function doctorCommand({ program, signal, exit }: CommandHost): void {
  program
    .command('doctor')
    .description(
      'show what this host has and lacks for running scenarios; or, with --dsn, what a cluster promises',
    )
    .option('--backend <name>', 'which backend to look at', defaultBackend(process.platform))
    .option('--install', 'install what is missing, as root')
    .option(
      '--dsn <dsn>',
      'a server to ask for its settings: postgres://user@host/database; may be repeated',
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .option('--patroni <url>', "with --dsn: Patroni's REST address, http://HOST:8008")
    .action(async (options: DoctorArguments) => {
      if (options.dsn.length > 0) {
        exit(await printDurability(options, signal));
        return;
      }
      if (options.patroni !== undefined) {
        throw new ScenarioError('doctor: --patroni goes with --dsn, one for each server');
      }
      const registry = await loadRegistry();
      const backend = registry.backends.get(options.backend);
      if (!backend) throw new ScenarioError(`there is no backend '${options.backend}'`);
      if (options.install) {
        const log = (line: string): void => void process.stderr.write(`${line}\n`);
        await prepareHost(backend, { install: true, log });
      }
      const findings = await backend.preflight();
      const canRun = await verdictOf(registry);
      process.stdout.write(`${[...findings.map(describeFinding), '', canRun].join('\n')}\n`);
      if (findings.some(({ isMissing }) => isMissing)) {
        throw new EnvironmentError(
          'something is missing; `forkpoint doctor --install` as root brings it',
        );
      }
    });
}

/** Of every backend, for whoever asked about one may have another. */
async function verdictOf({ backends }: Registry): Promise<string> {
  const each = [...backends].map(async ([name, backend]) => {
    const missing = (await backend.preflight()).filter(({ isMissing }) => isMissing);
    if (missing.length === 0) return `On ${name}: yes.`;
    return `On ${name}: no (missing: ${missing.map((finding) => finding.name).join(', ')}).`;
  });
  return `Can this host run scenarios? ${(await Promise.all(each)).join(' ')}`;
}
