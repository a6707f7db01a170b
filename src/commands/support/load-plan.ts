import type { Command } from 'commander';
import { connectTo } from '../../backends/external/connect.ts';
import { clusterOfConnection } from '../../backends/external/of-connection.ts';
import type { Json } from '../../contracts/json.ts';
import type { Scenario } from '../../contracts/scenario.ts';
import { resolveConnection } from '../../pg/libpq/resolve.ts';
import type { Registry } from '../../registry.ts';
import { parseScenario } from '../../scenario/parse/parse.ts';
import { planScenario } from '../../scenario/plan/plan.ts';
import { onCluster, readClusterFile } from '../../scenario/read-cluster-file.ts';
import { ScenarioError } from '../../std/errors.ts';
import { shellQuoted } from '../../std/shell-quoted.ts';
import { keepRunsOption } from '../index-page.ts';
import {
  durationOf,
  kneeDemand,
  type ProfileArguments,
  profileOptions,
} from './profile-options.ts';
import { readVariables } from './dsn-option.ts';
import { withLiveOptions } from './live-options.ts';
import { tellLine } from './logger.ts';
import { namingOptions } from './option-problems.ts';
import { withOutputOptions } from './output.ts';
import { readSeed } from './plan-options.ts';
import type { PlannedRun, RunArguments } from './run-planned.ts';

/** Options of `load` and `watch`. */
export interface LoadArguments extends RunArguments, ProfileArguments {
  readonly dsn?: string;
  readonly cluster?: string;
  readonly clients: string;
  readonly workload: string;
  readonly minFree?: string;
  readonly seed: string;
  /** Of `watch` alone. */
  readonly holdRejoin?: boolean;
}

export interface LoadDefaults {
  /** None: as fast as it goes. */
  readonly rate?: string;
  readonly clients: string;
  readonly duration?: string;
  /** Of `duration`, in the help. */
  readonly durationSays: string;
}

export function withLoadOptions(command: Command, defaults: LoadDefaults): Command {
  const { rate, clients, duration, durationSays } = defaults;
  const asFast = rate === undefined ? '; default: as fast as it goes' : '';
  return withLiveOptions(
    withOutputOptions(
      command
        .option(
          '--dsn <string>',
          'the server, or several hosts of one cluster; default: the environment',
        )
        .option('--cluster <file>', 'the cluster that this file describes')
        .option(
          '--env-file <file>',
          'read variables such as PGPASSWORD from this file',
          readVariables,
        )
        .option('--rate <rate>', `operations per second, such as 500/s${asFast}`, rate)
        .option('--clients <number>', 'connections', clients)
        .option('--duration <duration>', durationSays, duration)
        .option('--workload <name>', 'what is written: a workload, or your own file.sql', 'ledger')
        .option('--min-free <number>', 'connections that must stay free on the primary; default: 5')
        .option('--seed <number>', 'selects keys and payloads', '1')
        .option('--keep-data', "leave the run's tables there, for `verify`")
        .option('--quiet', 'print the summary only')
        .option(...keepRunsOption),
    ),
  );
}

export interface LoadKind {
  /** Of the command, and of the run's folder. */
  readonly name: string;
  readonly claim: string;
  readonly why: string;
  /** It ends when a person says so. */
  readonly isOpenEnded?: true;
}

/** Plans a load on a cluster that exists. Errors: ScenarioError for an option, a connection string or a cluster file. */
export async function planLoad(
  options: LoadArguments,
  kind: LoadKind,
  registry: Registry,
): Promise<PlannedRun> {
  if (options.dsn !== undefined && options.cluster !== undefined) {
    throw new ScenarioError('--dsn and --cluster both say where: give one of them');
  }
  if (options.holdRejoin === true && options.cluster === undefined) {
    throw new ScenarioError(
      '--hold-rejoin reaches machines, which a connection string does not name: give --cluster FILE, with rewind and shell in its consent',
    );
  }
  return namingOptions(kind.name, () => plannedOf(options, kind, registry));
}

async function plannedOf(
  options: LoadArguments,
  kind: LoadKind,
  registry: Registry,
): Promise<PlannedRun> {
  const scenario = scenarioOf(options, kind, registry);
  const about = {
    why: kind.why,
    reproduce: commandOf(options, kind.name),
    overrides: situationOf(options),
  };
  const seed = readSeed(options.seed);
  if (options.cluster !== undefined) {
    const file = await readClusterFile(options.cluster, registry);
    const { backend } = file.own;
    return {
      ...about,
      plan: planScenario(onCluster(scenario, file), { seed, backend, registry }),
    };
  }
  const connection = await resolveConnection(options.dsn);
  for (const note of connection.notes) tellLine(note);
  const cluster = clusterOfConnection(connection);
  const spec = onCluster(scenario, {
    own: { backend: 'external', params: cluster.params as Json },
    nodes: cluster.accesses.length,
    topology: cluster.accesses.length === 1 ? 'single' : 'patroni',
  });
  return {
    ...about,
    plan: planScenario(spec, { seed, backend: 'external', registry }),
    connect: ({ id, signal, log }) => connectTo(cluster, { id, signal, log }),
  };
}

/** As a file would say it: the parser knows the units and what is wrong with a value. */
function scenarioOf(options: LoadArguments, kind: LoadKind, registry: Registry): Scenario {
  const { clients, workload, minFree } = options;
  const text = JSON.stringify({
    name: kind.name,
    claim: kind.claim,
    load: {
      ...workloadOf(workload),
      clients: Number(clients),
      ...profileOptions(options),
      ...(minFree !== undefined && { minFree: Number(minFree) }),
    },
    ...(options.holdRejoin === true && { hold: 'rejoin' }),
    // A person may restart servers meanwhile: that is reported, and no failure.
    expect: { lost: 0, unexpected: 0, unplanned: '>= 0', ...kneeDemand(options) },
  });
  const scenario = parseScenario(text, { file: kind.name, registry });
  return kind.isOpenEnded
    ? { ...scenario, load: { ...scenario.load, isOpenEnded: true } }
    : scenario;
}

/** An SQL file is what the workload `custom` runs. */
function workloadOf(name: string): { readonly workload: string; readonly file?: string } {
  return name.endsWith('.sql') ? { workload: 'custom', file: name } : { workload: name };
}

/** Loads that differ in these are not compared with each other. */
function situationOf(options: LoadArguments): readonly string[] {
  const { rate, stages, think, until, knee, clients, workload } = options;
  const given = { clients, rate, stages, think, until, knee, workload };
  return Object.entries(given).flatMap(([key, value]) =>
    value === undefined ? [] : [`load.${key}=${value}`],
  );
}

/** Without the string: it may hold a password. */
function commandOf(options: LoadArguments, name: string): string {
  const { cluster, rate, stages, think, warmup, operations, until, knee } = options;
  const { clients, workload, seed } = options;
  const pace = { rate, stages, think, warmup, operations, until, knee };
  const profile = { ...pace, 'at-least': options.atLeast, duration: durationOf(options) };
  const given = { cluster, ...profile, clients, workload, 'min-free': options.minFree, seed };
  const words = Object.entries(given).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option} ${shellQuoted(value)}`],
  );
  if (options.holdRejoin === true) words.push('--hold-rejoin');
  const where = cluster === undefined ? ['--dsn ...'] : [];
  return `npm run forkpoint -- ${[name, ...where, ...words].join(' ')}`;
}
