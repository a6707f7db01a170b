import type { Cluster, ClusterBackend } from '../../contracts/cluster.ts';
import type { ReplayOrigin } from '../../contracts/result.ts';
import type { Plan } from '../../contracts/scenario.ts';
import type { RunAnnouncement } from '../../contracts/suite.ts';
import { converge } from '../../run/converge.ts';
import { ClusterError, messageOf, ScenarioError } from '../../std/errors.ts';
import { isColourWanted, isDrawable, openScreen, plainLines } from '../../terminal/screen.ts';
import { turnsAsLines } from '../../terminal/plain-progress.ts';
import type { Registry } from '../../registry.ts';
import { runPlan, type RunOptions, type RunOutcome } from '../../run/run.ts';
import { neededCapabilities } from '../../scenario/plan/needed-capabilities.ts';
import type { FoundLab } from './find-cluster.ts';
import { tellGithub } from './github-option.ts';
import { logger, sayLongWaits } from './logger.ts';
import { printSummary, type OutputArguments } from './output.ts';
import { prepareHost } from './prepare-host.ts';
import { ensureIndex, readKeepRuns, rememberRun } from './record-run.ts';
import { tell } from '../../std/output.ts';

/** What a lab needs to mend by itself what the run before it did. */
const healthyTimeoutMs = 30_000;

/** What `run` and `replay` both take. */
export interface RunArguments extends OutputArguments {
  readonly keep?: true;
  readonly install: boolean;
  readonly quiet?: true;
  readonly github?: true;
  readonly keepRuns?: string;
}

export interface PlannedRun {
  readonly plan: Plan;
  /** Why this backend. */
  readonly why: string;
  readonly reproduce: string;
  readonly replayOf?: ReplayOrigin;
  /** The scenario's file, where it is known. */
  readonly scenarioText?: string | undefined;
  /** The cluster of another terminal; without it, one is booted. */
  readonly lab?: FoundLab | undefined;
}

/**
 * Runs a plan, shows it while it goes on, and prints its result, whatever became of it.
 * Errors: what ended the run early. Undefined when somebody interrupted it.
 */
export async function runPlanned(
  planned: PlannedRun,
  options: RunArguments,
  { registry, signal }: { readonly registry: Registry; readonly signal: AbortSignal },
): Promise<RunOutcome | undefined> {
  const { plan, why, reproduce, replayOf, lab, scenarioText } = planned;
  const isDrawn = isDrawable(process.stderr) && !options.quiet;
  using screen = isDrawn
    ? openScreen(plan, process.stderr, isColourWanted())
    : plainLines(process.stderr);
  const log = options.quiet ? () => undefined : logger((line) => screen.log(line));
  using _waits = sayLongWaits(log);
  const backend = registry.backends.get(plan.backend);
  if (!backend) throw new ScenarioError(`there is no backend '${plan.backend}'`);
  log(`${plan.backend} backend: ${why}`);
  log(`${plan.scenario.name}, seed ${plan.seed}`);
  const { install } = options;
  const keepRuns = readKeepRuns(options.keepRuns);
  await ensureIndex(log);
  const openCluster = await clusterOpener(plan, backend, { install, lab, registry, log });
  const outcome = await runPlan(plan, {
    registry,
    signal,
    log,
    reproduce,
    replayOf,
    scenarioText,
    watching: isDrawn ? screen : { ...screen, event: turnsAsLines(log) },
    openCluster: (id, directory, stop) => {
      announce({ type: 'run', runId: id, directory });
      return openCluster(id, directory, stop);
    },
    beforeTeardown: options.keep
      ? async ({ result, directory }, cluster) => {
          screen[Symbol.dispose]();
          printSummary(result, registry, { ...options, directory });
          await hold(cluster, signal);
        }
      : undefined,
  });
  screen[Symbol.dispose]();
  const { directory } = outcome;
  if (!options.keep) printSummary(outcome.result, registry, { ...options, directory });
  await rememberRun(outcome, { plan, keepRuns, log });
  if (options.github) await tellGithub(outcome.result, registry);
  if (outcome.error === undefined) return outcome;
  if (signal.aborted) return undefined;
  throw outcome.error instanceof Error ? outcome.error : new Error(messageOf(outcome.error));
}

/**
 * Boots a cluster for the run, or connects to the one that another terminal holds. What the host lacks, or a lab
 * that is not there, is found out before anything of the run exists.
 */
async function clusterOpener(
  plan: Plan,
  backend: ClusterBackend,
  options: Pick<RunArguments, 'install'> & {
    readonly lab: FoundLab | undefined;
    readonly registry: Registry;
    readonly log: (line: string) => void;
  },
): Promise<RunOptions['openCluster']> {
  const { lab, install, log, registry } = options;
  const { image } = plan;
  const spec = plan.scenario.cluster;
  if (lab === undefined) {
    const needs = neededCapabilities(plan.scenario, registry.faults);
    await prepareHost(backend, { spec, needs, install, log });
    return (id, directory, signal) =>
      backend.boot({
        id,
        spec,
        needs,
        directory,
        signal,
        log,
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

async function hold(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const [first] = cluster.nodes;
  tell(
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
