import type { Cluster, ClusterBackend } from '../contracts/cluster.ts';
import type { Plan } from '../contracts/scenario.ts';
import type { RunAnnouncement } from '../contracts/suite.ts';
import { converge } from '../converge.ts';
import { ClusterError, messageOf, ScenarioError } from '../errors.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { runPlan, type RunOptions } from '../run.ts';
import { neededCapabilities } from '../scenario/needs.ts';
import { findLab, type FoundLab } from './attach-lab.ts';
import { tellGithub } from './github.ts';
import type { CommandHost } from './host.ts';
import { isColourWanted, isDrawable, openScreen, plainLines } from '../live/screen.ts';
import { logger } from './logger.ts';
import { exitCodes, printSummary } from './output.ts';
import { planFrom, withPlanOptions, type PlanArguments } from './plan-options.ts';
import { prepareHost } from './prepare-host.ts';

/** What a lab needs to mend by itself what the run before it did. */
const healthyTimeoutMs = 30_000;

interface RunArguments extends PlanArguments {
  readonly keep?: true;
  readonly install: boolean;
  readonly attach?: string;
  readonly quiet?: true;
  readonly github?: true;
}

export function runCommand({ program, signal, exit }: CommandHost): void {
  withPlanOptions(
    program
      .command('run')
      .alias('scenario')
      .description('run a scenario and write its loss report')
      .argument('<scenario>', 'a name from scenarios/, or a file')
      .option('--image <name>', 'the image of `topology: single`, in place of postgres:17')
      .option('--keep', 'hold the cluster after the report, until Ctrl-C')
      .option('--no-install', 'refuse to install what this host lacks')
      .option('--attach <lab>', 'use a cluster that `forkpoint lab` holds')
      .option('--quiet', 'print the summary only')
      .option('--github', 'append the report to GITHUB_STEP_SUMMARY, and print annotations'),
  ).action(async (nameOrPath: string, options: RunArguments) => {
    const registry = await loadRegistry();
    const lab = options.attach === undefined ? undefined : await findLab(options.attach, registry);
    const { plan, reproduce, choice } = await planFrom(
      nameOrPath,
      { ...options, ...(lab && { backend: backendOf(lab, options) }) },
      registry,
    );
    using screen =
      isDrawable(process.stderr) && !options.quiet
        ? openScreen(plan, process.stderr, isColourWanted())
        : plainLines(process.stderr);
    const log = options.quiet ? () => undefined : logger((line) => screen.log(line));
    const backend = registry.backends.get(plan.backend);
    if (!backend) throw new ScenarioError(`there is no backend '${plan.backend}'`);
    log(`${choice.name} backend: ${choice.why}`);
    log(`${plan.scenario.name}, seed ${plan.seed}`);
    const openCluster = await clusterOpener(plan, backend, { ...options, lab, registry, log });
    const outcome = await runPlan(plan, {
      ...{ registry, signal, log, reproduce, watching: screen },
      openCluster: (id, directory, stop) => {
        announce({ type: 'run', runId: id, directory });
        return openCluster(id, directory, stop);
      },
      beforeTeardown: options.keep
        ? async ({ result, directory }, cluster) => {
            screen[Symbol.dispose]();
            printSummary(result, registry, directory);
            await hold(cluster, signal);
          }
        : undefined,
    });
    screen[Symbol.dispose]();
    if (!options.keep) printSummary(outcome.result, registry, outcome.directory);
    if (options.github) await tellGithub(outcome.result, registry);
    if (outcome.error !== undefined) {
      if (signal.aborted) return;
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
  options: Pick<RunArguments, 'image' | 'install'> & {
    readonly lab: FoundLab | undefined;
    readonly registry: Registry;
    readonly log: (line: string) => void;
  },
): Promise<RunOptions['openCluster']> {
  const { lab, image, install, log, registry } = options;
  const spec = plan.scenario.cluster;
  if (lab === undefined) {
    const needs = neededCapabilities(plan.scenario, registry.faults);
    await prepareHost(backend, { spec, needs, install, log });
    return (id, directory, signal) =>
      backend.boot({
        ...{ id, spec, needs, directory, signal, log },
        ...(image !== undefined && { image }),
      });
  }
  log("attached: the lab's own configuration holds, not the scenario's `cluster:`");
  return async (_id, _directory, signal) => {
    const cluster = await lab.open();
    const { ok, reason } = await converge(cluster, healthyTimeoutMs, signal);
    if (ok) return cluster;
    await cluster[Symbol.asyncDispose]();
    throw new ClusterError(
      `lab ${cluster.id} is not fit for a run: ${reason ?? ''}. \`heal\` undoes what a dead run left in force.`,
    );
  };
}

/** An attached run is planned for what the lab is. Errors: ScenarioError when --backend says something else. */
function backendOf({ backend }: FoundLab, { backend: asked, attach }: RunArguments): string {
  if (asked === undefined || asked === backend) return backend;
  throw new ScenarioError(`--backend ${asked}: lab ${attach ?? ''} is a ${backend} one`);
}

async function hold(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const [first] = cluster.nodes;
  process.stderr.write(
    `\nThe cluster is held until Ctrl-C. Enter it from another terminal:\n` +
      `  npm run forkpoint -- psql ${first?.name ?? 'pg1'} --lab ${cluster.id}\n` +
      `  npm run forkpoint -- exec ${first?.name ?? 'pg1'} --lab ${cluster.id} -- COMMAND\n`,
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** To the suite that started this run, if one did. */
function announce(run: RunAnnouncement): void {
  process.send?.(run);
}
