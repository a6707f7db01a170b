import type { BootOptions, ClusterBackend } from '../../contracts/backend.ts';
import type { Cluster } from '../../contracts/cluster.ts';
import type { ReplayOrigin } from '../../contracts/result.ts';
import type { Plan } from '../../contracts/scenario.ts';
import { converge } from '../../run/converge.ts';
import { ClusterError, messageOf, ScenarioError } from '../../std/errors.ts';
import { isColourWanted, isDrawable, openScreen, plainLines } from '../../terminal/screen.ts';
import { turnsAsLines } from '../../terminal/plain-progress.ts';
import type { Registry } from '../../registry.ts';
import { runPlan } from '../../run/run.ts';
import type { RunOptions, RunOutcome } from '../../run/run-options.ts';
import { watchLive } from '../../live/watch-live.ts';
import { describeConfig } from '../../scenario/plan/describe-config.ts';
import { neededOfHost } from '../../scenario/plan/needed-of-host.ts';
import type { TakeInterrupt } from './command-host.ts';
import { announce } from './announce.ts';
import { Drill } from './drill.ts';
import type { FoundLab } from './find-cluster.ts';
import { tellGithub } from './github-option.ts';
import { logger, sayLongWaits } from './logger.ts';
import { printSummary, type OutputArguments } from './output.ts';
import { prepareHost } from './prepare-host.ts';
import { ensureIndex, readKeepRuns, rememberRun } from './record-run.ts';
import { tell } from '../../std/output.ts';

/** How long a lab may take to recover by itself from the run before. */
const healthyTimeoutMs = 30_000;

/** Options of both `run` and `replay`. */
export interface RunArguments extends OutputArguments {
  readonly keep?: true;
  readonly install: boolean;
  readonly quiet?: true;
  readonly github?: true;
  readonly keepRuns?: string;
  readonly keepData?: true;
  readonly prometheus?: string;
  readonly web?: string;
}

export interface PlannedRun {
  readonly plan: Plan;
  /** Why this backend was chosen. */
  readonly why: string;
  readonly reproduce: string;
  readonly overrides: readonly string[];
  readonly replayOf?: ReplayOrigin;
  /** The text of the scenario's file, if known. */
  readonly scenarioText?: string | undefined;
  /** The cluster that another process holds; without it, one is booted. */
  readonly lab?: FoundLab | undefined;
  /** How to connect, where a plan cannot hold it: secrets are in no plan. */
  readonly connect?: (options: Pick<BootOptions, 'id' | 'signal' | 'log'>) => Promise<Cluster>;
}

export interface RunHost {
  readonly registry: Registry;
  readonly signal: AbortSignal;
  /** With it, a load without an end of its own ends at the first Ctrl-C. */
  readonly takeInterrupt?: TakeInterrupt | undefined;
}

/**
 * Runs a plan with live progress, and prints its result, also of a run that ended early.
 * Errors: what ended the run early. Undefined when it was interrupted.
 */
export async function runPlanned(
  planned: PlannedRun,
  options: RunArguments,
  { registry, signal, takeInterrupt }: RunHost,
): Promise<RunOutcome | undefined> {
  const { plan, why, reproduce, overrides, replayOf, lab, scenarioText } = planned;
  const isDrawn = isDrawable(process.stderr) && !options.quiet;
  using screen = isDrawn
    ? openScreen(plan, process.stderr, isColourWanted())
    : plainLines(process.stderr);
  await using live = await watchLive(plan, options, (line) => screen.log(line));
  const log = logger((line) => {
    live?.line(line);
    if (!options.quiet) screen.log(line);
  });
  using _waits = sayLongWaits(log);
  const backend = registry.backends.get(plan.backend);
  if (!backend) throw new ScenarioError(`there is no backend '${plan.backend}'`);
  log(`${plan.backend} backend: ${why}`);
  log(`${plan.scenario.name}, seed ${plan.seed}`);
  for (const line of describeConfig(plan.scenario.cluster)) log(line);
  const { install } = options;
  const keepRuns = readKeepRuns(options.keepRuns);
  await ensureIndex(log);
  const { connect } = planned;
  const openCluster: RunOptions['openCluster'] = connect
    ? (id, _directory, stop) => connect({ id, signal: stop, log })
    : await clusterOpener(plan, backend, { install, lab, registry, log });
  const turns = turnsAsLines(log);
  using drill = plan.scenario.load.isOpenEnded
    ? new Drill({ screen, isDrawn, log, takeInterrupt })
    : undefined;
  const outcome = await runPlan(plan, {
    registry,
    signal,
    log,
    reproduce,
    overrides,
    replayOf,
    scenarioText,
    keepsData: options.keepData,
    endLoad: drill?.ended,
    watching: {
      progress: (stats) => screen.progress(stats),
      figures: (figures) => live?.figures(figures),
      consumer: (name, line) => live?.consumer(name, line),
      event: (event) => {
        if (isDrawn) screen.event(event);
        else turns(event);
        live?.event(event);
        drill?.event(event);
      },
    },
    openCluster: (id, directory, stop) => {
      announce({ type: 'run', runId: id, directory });
      drill?.begin(directory);
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
  // Of a load that never began there is nothing to account for: the reason says it all.
  const hasBegun = outcome.error === undefined || outcome.result.phases.loadMs !== null;
  if (!options.keep && (hasBegun || options.json)) {
    printSummary(outcome.result, registry, { ...options, directory });
  }
  await rememberRun(outcome, { plan, keepRuns, log });
  await live?.end(outcome.result, directory, signal);
  if (options.github) await tellGithub(outcome.result, registry);
  if (outcome.error === undefined) return outcome;
  if (signal.aborted) return undefined;
  throw outcome.error instanceof Error ? outcome.error : new Error(messageOf(outcome.error));
}

/**
 * Boots a cluster for the run, or connects to the one that another process holds. Missing tools, or an unknown lab,
 * are reported before anything of the run exists.
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
  if (lab === undefined) {
    const needed = neededOfHost(plan.scenario, registry.faults);
    await prepareHost(backend, { ...needed, install, log });
    return (id, directory, signal) =>
      backend.boot({
        id,
        ...needed,
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
      `lab ${cluster.id} has not converged: ${reason ?? ''}. \`heal\` undoes what a dead run left in force.`,
    );
  };
}

async function hold(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const [first] = cluster.nodes;
  tell(
    `\nThe cluster is held until Ctrl-C. Enter it from another terminal:\n` +
      `  npm run forkpoint -- psql ${first?.name ?? 'NODE'} --lab ${cluster.id}\n` +
      `  npm run forkpoint -- exec ${first?.name ?? 'NODE'} --lab ${cluster.id} -- COMMAND\n`,
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
