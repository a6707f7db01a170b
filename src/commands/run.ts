import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Cluster, ClusterBackend } from '../contracts/cluster.ts';
import type { Result } from '../contracts/result.ts';
import type { Plan } from '../contracts/scenario.ts';
import { messageOf, ScenarioError } from '../errors.ts';
import { labRecordOf } from '../backends/local/record.ts';
import { loadRegistry } from '../registry.ts';
import { runPlan, type RunOptions } from '../run.ts';
import type { CommandHost } from './index.ts';
import { exitCodes, printSummary } from './output.ts';
import { planFrom, withPlanOptions, type PlanArguments } from './plan-options.ts';
import { prepareHost } from './prepare-host.ts';

interface RunArguments extends PlanArguments {
  readonly keep?: true;
  readonly install: boolean;
  readonly attach?: string;
  readonly quiet?: true;
}

export function runCommand({ program, signal, exit }: CommandHost): void {
  withPlanOptions(
    program
      .command('run')
      .alias('scenario')
      .description('run a scenario and write its loss report')
      .argument('<scenario>', 'a name from scenarios/, or a file')
      .option('--keep', 'hold the cluster after the report, until Ctrl-C')
      .option('--no-install', 'refuse to install what this host lacks')
      .option('--attach <lab>', 'use a cluster that `forkpoint lab` holds')
      .option('--quiet', 'print the summary only'),
  ).action(async (nameOrPath: string, options: RunArguments) => {
    const registry = await loadRegistry();
    const { plan, reproduce } = await planFrom(nameOrPath, options, registry);
    const log = options.quiet ? () => undefined : logger();
    const backend = registry.backends.get(plan.backend);
    if (!backend) throw new ScenarioError(`there is no backend '${plan.backend}'`);
    log(`${plan.scenario.name} on the ${plan.backend} backend, seed ${plan.seed}`);
    const openCluster = await clusterOpener(plan, backend, { ...options, log });
    const outcome = await runPlan(plan, {
      ...{ registry, signal, log, reproduce },
      openCluster,
      beforeTeardown: options.keep ? (result, cluster) => hold(result, cluster, signal) : undefined,
    });
    printSummary(outcome.result, registry, outcome.directory);
    if (outcome.error !== undefined && !signal.aborted) {
      throw outcome.error instanceof Error ? outcome.error : new Error(messageOf(outcome.error));
    }
    exit(exitCodes[outcome.result.status]);
  });
}

/**
 * Boots a cluster for the run, or connects to the one that another terminal holds. What the host lacks, or a lab
 * that is not there, is found out before anything of the run exists.
 */
async function clusterOpener(
  plan: Plan,
  backend: ClusterBackend,
  options: Pick<RunArguments, 'attach' | 'install'> & { readonly log: (line: string) => void },
): Promise<RunOptions['openCluster']> {
  const { attach: lab, install, log } = options;
  if (lab === undefined) {
    await prepareHost(backend, { install, log });
    const spec = plan.scenario.cluster;
    return (id, directory, signal) => backend.boot({ id, spec, directory, signal, log });
  }
  const attach = backend.attach?.bind(backend);
  if (!attach) throw new ScenarioError(`--attach: not with the ${plan.backend} backend`);
  const record = await recordOf(lab);
  return () => attach(record);
}

/** A lab's id, or the file or folder that holds its record. */
async function recordOf(lab: string): Promise<unknown> {
  for (const file of [lab, path.join(lab, 'lab.json')]) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return JSON.parse(text) as unknown;
  }
  return labRecordOf(lab);
}

async function hold(result: Result, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const [first] = cluster.nodes;
  process.stderr.write(
    `\n${result.status}. The cluster is held until Ctrl-C. Enter it from another terminal:\n` +
      `  npm run forkpoint -- psql ${first?.name ?? 'pg1'}\n` +
      `  npm run forkpoint -- exec ${first?.name ?? 'pg1'} -- COMMAND\n`,
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function logger(): (line: string) => void {
  const startedMs = performance.now();
  return (line) => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(6);
    process.stderr.write(`${seconds} s  ${line}\n`);
  };
}
