import path from 'node:path';
import { type RuleOutcome, tryExtensions } from '../conformance/conformance.ts';
import type { WorkloadServer } from '../conformance/workload-server-rules.ts';
import type { Registry } from '../contracts/registry.ts';
import { parseServers } from '../pg/dsn.ts';
import { extensionsVariable, loadExtensionsOf } from '../registry.ts';
import { clusterSchema } from '../scenario/parse/cluster-schema.ts';
import { defaultBackend } from '../scenario/words/choose-backend.ts';
import { EnvironmentError, ScenarioError } from '../std/errors.ts';
import { print } from '../std/output.ts';
import { bootOwnLab } from './support/boot-lab.ts';
import type { CommandHost } from './support/command-host.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import { tellLine } from './support/logger.ts';
import { prepareHost } from './support/prepare-host.ts';

interface ConformanceArguments extends JsonArguments {
  readonly dsn?: string;
  readonly backend: string;
  readonly install: boolean;
}

export function conformanceCommand({ program, signal, exit }: CommandHost): void {
  program
    .command('conformance')
    .description('test your own extensions against the rules that the shipped ones follow')
    .argument(
      '<folder>',
      'folder with faults/, workloads/, checks/, reporters/, shells/ or backends/',
    )
    .option('--dsn <dsn>', 'a primary to test workloads on; default: boot a cluster')
    .option('--backend <name>', 'where that cluster runs', defaultBackend(process.platform))
    .option('--no-install', 'fail instead of installing what this host lacks')
    .option(...jsonOption)
    .action(async (folder: string, options: ConformanceArguments) => {
      process.env[extensionsVariable] = path.resolve(folder);
      const { registry, own } = await loadExtensionsOf(folder);
      const needsServer = own.workloads.size > 0;
      await using place = needsServer ? await openServer(options, registry, signal) : undefined;
      const outcomes: RuleOutcome[] = [];
      await tryExtensions(own, {
        registry,
        server: place?.server,
        report: (outcome) => {
          outcomes.push(outcome);
          if (!options.json) print(`${lineOf(outcome)}\n`);
        },
      });
      if (options.json) printJson({ outcomes });
      else print(`\n${summaryOf(outcomes)}\n`);
      exit(codeOf(outcomes));
    });
}

interface Place extends AsyncDisposable {
  readonly server: WorkloadServer;
}

async function openServer(
  { dsn, backend: name, install }: ConformanceArguments,
  registry: Registry,
  signal: AbortSignal,
): Promise<Place> {
  if (dsn !== undefined) {
    const [server, ...others] = await parseServers([dsn], { note: tellLine });
    if (!server || others.length > 0) throw new ScenarioError('--dsn: give one host');
    return { server, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const backend = registry.backends.get(name);
  if (!backend) throw new ScenarioError(`there is no backend '${name}'`);
  const log = (): void => undefined;
  await prepareHost(backend, { install, log });
  const cluster = await bootOwnLab(backend, clusterSchema.parse({ nodes: 1 }), { signal, log });
  const [node] = cluster.nodes;
  if (!node) throw new EnvironmentError(`${name}: its cluster has no node`);
  const { credentials } = cluster;
  return {
    server: { endpoint: node.observer, credentials },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

const marks = { kept: 'ok       ', broken: 'BROKEN   ', notTried: 'not tried' } as const;

function lineOf({ extension, says, status, why }: RuleOutcome): string {
  return `${marks[status]} ${extension}: ${says}${why === '' ? '' : `\n          ${why}`}`;
}

function summaryOf(outcomes: readonly RuleOutcome[]): string {
  const count = (status: RuleOutcome['status']) =>
    outcomes.filter((outcome) => outcome.status === status).length;
  const extensions = new Set(outcomes.map(({ extension }) => extension)).size;
  const counts = `${count('kept')} rules kept, ${count('broken')} broken, ${count('notTried')} not tried`;
  return `${extensions} extensions: ${counts}`;
}

/** A rule that could not be tried is unknown, never a pass. */
function codeOf(outcomes: readonly RuleOutcome[]): number {
  if (outcomes.some(({ status }) => status === 'broken')) return 1;
  const isKept = outcomes.length > 0 && outcomes.every(({ status }) => status === 'kept');
  return isKept ? 0 : 2;
}
