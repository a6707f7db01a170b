import { Option } from 'commander';
import type { ClusterBackend } from '../contracts/backend.ts';
import type { Finding } from '../contracts/finding.ts';
import { EnvironmentError, ScenarioError } from '../std/errors.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { defaultBackend } from '../scenario/words/choose-backend.ts';
import { describeFinding, prepareHost } from './support/prepare-host.ts';
import { printSurvey } from './support/doctor-existing.ts';
import { printDurability } from './support/doctor-cluster.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import type { CommandHost } from './support/command-host.ts';
import { withDsnOptions } from './support/dsn-option.ts';
import { inspectTools, needsOfTests, routesOfTests } from './support/test-needs.ts';
import { print, tell } from '../std/output.ts';

interface DoctorArguments extends JsonArguments {
  readonly backend: string;
  readonly for: 'runs' | 'tests';
  readonly install?: true;
  readonly dsn: readonly string[];
  readonly patroni?: string;
  readonly cluster?: string;
  readonly suite?: string;
}

export function doctorCommand({ program, signal, exit }: CommandHost): void {
  withDsnOptions(
    program
      .command('doctor')
      .description(
        'check whether this host can run scenarios; with --cluster what that cluster offers, with --dsn what one promises',
      ),
    'a server whose settings to read: postgres://user@host/database; repeatable',
  )
    .option('--backend <name>', 'which backend to check', defaultBackend(process.platform))
    .addOption(
      new Option(
        '--for <what>',
        "tests: also check what only Forkpoint's own tests need, such as a browser",
      )
        .choices(['runs', 'tests'])
        .default('runs'),
    )
    .option(
      '--install',
      'install what is missing, as root; with --backend docker, a container engine and the image',
    )
    .option(
      '--cluster <file>',
      'what every node of this cluster offers, and which scenarios could run',
    )
    .option('--suite <name>', 'with --cluster: only the scenarios of this suite')
    .option('--patroni <url>', "with --dsn: Patroni's REST address, http://HOST:8008")
    .option(...jsonOption)
    .action(async (options: DoctorArguments) => {
      if (options.dsn.length > 0) {
        exit(await printDurability(options, signal));
        return;
      }
      const { cluster, suite, json } = options;
      if (cluster !== undefined) {
        const registry = await loadRegistry();
        exit(await printSurvey({ cluster, suite, ...(json && { json }) }, { registry, signal }));
        return;
      }
      if (suite !== undefined) throw new ScenarioError('doctor: --suite goes with --cluster');
      if (options.patroni !== undefined) {
        throw new ScenarioError('doctor: --patroni goes with --dsn, one for each server');
      }
      const registry = await loadRegistry();
      const backend = registry.backends.get(options.backend);
      if (!backend) throw new ScenarioError(`there is no backend '${options.backend}'`);
      if (options.install) await install(backend, options);
      const findings = await findingsOf(backend, options);
      const verdicts = await verdictsOf(registry);
      if (options.json) printJson({ backend: options.backend, findings, backends: verdicts });
      else {
        const lines = [...findings.map(describeFinding), '', verdictLine(verdicts)];
        print(`${lines.join('\n')}\n`);
      }
      if (findings.some(({ isMissing }) => isMissing)) throw somethingMissing(findings, options);
    });
}

async function install(backend: ClusterBackend, options: DoctorArguments): Promise<void> {
  const log = (line: string): void => tell(`${line}\n`);
  const asked: ClusterBackend = {
    ...backend,
    nodeNames: (cluster) => backend.nodeNames(cluster),
    preflight: () => findingsOf(backend, options),
    install: async (missing, say) => {
      if (backend.installAsked) await backend.installAsked(missing, say);
      else await backend.install?.(missing, say);
    },
  };
  await prepareHost(asked, { install: true, log });
}

async function findingsOf(
  backend: ClusterBackend,
  { for: what }: DoctorArguments,
): Promise<readonly Finding[]> {
  if (what === 'runs') return backend.preflight();
  return [...(await backend.preflight(undefined, needsOfTests, routesOfTests)), ...inspectTools()];
}

/** Names the install command only when that command can install what is missing. */
function somethingMissing(
  findings: readonly Finding[],
  { backend, for: what }: DoctorArguments,
): EnvironmentError {
  const missing = findings.filter(({ isMissing }) => isMissing);
  const isBrought = missing.every(({ packages }) => (packages ?? []).length > 0);
  if (!isBrought) return new EnvironmentError('something is missing; see the remedy on its line');
  const flags = [
    ...(backend === defaultBackend(process.platform) ? [] : [`--backend ${backend}`]),
    ...(what === 'runs' ? [] : [`--for ${what}`]),
  ];
  const command = ['forkpoint doctor', ...flags, '--install'].join(' ');
  return new EnvironmentError(`something is missing; run \`${command}\` as root to install it`);
}

/** Whether this host can run scenarios on a backend. */
interface Verdict {
  readonly name: string;
  readonly missing: readonly string[];
}

/** Answers for every backend: a host that lacks one may have another. */
async function verdictsOf({ backends }: Registry): Promise<readonly Verdict[]> {
  // A cluster that exists needs nothing of this host.
  const makers = [...backends].filter(([, { existing }]) => existing === undefined);
  const all = makers.map(async ([name, backend]) => {
    const missing = (await backend.preflight()).filter(({ isMissing }) => isMissing);
    return { name, missing: missing.map((finding) => finding.name) };
  });
  return Promise.all(all);
}

function verdictLine(verdicts: readonly Verdict[]): string {
  const each = verdicts.map(({ name, missing }) =>
    missing.length === 0 ? `On ${name}: yes.` : `On ${name}: no (missing: ${missing.join(', ')}).`,
  );
  return `Can this host run scenarios? ${each.join(' ')}`;
}
