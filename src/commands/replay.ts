import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import type { ReplayOrigin, Result } from '../contracts/result.ts';
import type { Plan } from '../contracts/scenario.ts';
import { isKnownError, messageOf } from '../std/errors.ts';
import { judgeRun } from '../judge/judge.ts';
import { readResultOf } from '../evidence/store/read-result.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { outcomeDifferences } from '../history/same-outcome.ts';
import { refreshed } from '../scenario/own-patroni/with-config.ts';
import { replan } from '../scenario/plan/replan.ts';
import { readPlan, readRunHead } from '../evidence/store/read-run.ts';
import type { CommandHost } from './support/command-host.ts';
import { openRun, runArgument } from './support/open-run.ts';
import { withLiveOptions } from './support/live-options.ts';
import { exitCodes, withOutputOptions } from './support/output.ts';
import { runPlanned, type RunArguments } from './support/run-planned.ts';
import { sideBySide } from '../history/replay-table.ts';
import { print, tell } from '../std/output.ts';

interface ReplayArguments extends RunArguments {
  readonly backend?: string;
}

export function replayCommand({ program, signal, exit }: CommandHost): void {
  withLiveOptions(
    withOutputOptions(
      program
        .command('replay')
        .description('run a stored plan again with its seed, and compare the outcomes')
        .argument('<run>', runArgument)
        .addOption(
          new Option(
            '--backend <name>',
            'where the cluster runs; default: the backend of the stored run',
          ),
        )
        .option('--keep', 'hold the cluster after the report, until Ctrl-C')
        .option('--no-install', 'fail instead of installing what this host lacks')
        .option('--quiet', 'print the summary only')
        .option('--github', 'append the report to GITHUB_STEP_SUMMARY and print annotations'),
    ),
  ).action(async (nameOrPath: string, options: ReplayArguments) => {
    const registry = await loadRegistry();
    const { backend } = options;
    const stored = await readReplayed(nameOrPath, registry);
    const planned = replan(stored.plan, { backend, registry });
    const config = await refreshed(
      planned.scenario.cluster,
      registry.backends.get(planned.backend),
    );
    const plan = { ...planned, scenario: { ...planned.scenario, cluster: config.cluster } };
    const changed = config.hasChanged ? [changedSince(stored.plan, plan)] : [];
    for (const line of changed) tell(`${line}\n`);
    const why =
      backend === undefined ? 'the backend of the replayed run' : 'asked for by --backend';
    const { reproduce, overrides, replayOf, scenarioText } = stored;
    const repeated = { plan, why, reproduce, overrides, replayOf, scenarioText };
    const outcome = await runPlanned(repeated, options, { registry, signal });
    if (!outcome) return;
    const compared = `\n${[...comparison(stored, outcome.result), ...changed].join('\n')}\n`;
    // With --json stdout is the result's alone.
    (options.json ? tell : print)(compared);
    exit(exitCodes[outcome.result.status]);
  });
}

/** The user's own Patroni configuration is read again: a plan holds no secrets. */
function changedSince(stored: Plan, now: Plan): string {
  const digestOf = ({ scenario }: Plan) =>
    scenario.cluster.config?.read?.digest.slice(0, 12) ?? 'none';
  const file = now.scenario.cluster.config?.file ?? '';
  return `${file} has changed since that run: sha256 was ${digestOf(stored)}, is ${digestOf(now)}`;
}

interface Replayed {
  readonly plan: Plan;
  readonly reproduce: string;
  readonly overrides: readonly string[];
  readonly replayOf: ReplayOrigin;
  readonly scenarioText: string | undefined;
  /** Why the run has no result, if it has none. */
  readonly result: Result | string;
}

/** Everything needed from the stored run, so that none of its files stays open during the replay. */
async function readReplayed(nameOrPath: string, registry: Registry): Promise<Replayed> {
  await using run = await openRun(nameOrPath);
  const plan = await readPlan(run.directory);
  const { runId, startedAt, reproduce, overrides = [] } = readRunHead(run.directory);
  const result = await resultOf(run.directory, registry);
  // Runs of an older Forkpoint, and of the library, have no such file.
  const scenarioText = await readFile(path.join(run.directory, 'scenario.yaml'), 'utf8').catch(
    () => undefined,
  );
  const replayOf = { runId, startedAt };
  return { plan, result, reproduce, overrides, replayOf, scenarioText };
}

/** The stored result; judged again now if that is lost. */
async function resultOf(directory: string, registry: Registry): Promise<Result | string> {
  try {
    return await readResultOf(directory).catch(() => judgeRun(directory, registry));
  } catch (error) {
    if (!isKnownError(error)) throw error;
    return messageOf(error);
  }
}

function comparison({ result, replayOf }: Replayed, repeated: Result): readonly string[] {
  const { runId } = replayOf;
  if (typeof result === 'string') return [`Replay of ${runId}: nothing to compare with: ${result}`];
  const differences = outcomeDifferences(result, repeated);
  const numbers = sideBySide(result, repeated);
  if (differences.length === 0) {
    return [
      ...numbers,
      `Replay of ${runId}: reproduced: the same verdict, checks and kind of loss`,
    ];
  }
  const versions = versionDifferences(result, repeated);
  return [
    ...numbers,
    `Replay of ${runId}: not reproduced:`,
    ...[...differences, ...versions].map((difference) => `  ${difference}`),
  ];
}

/** Version differences, which may explain a different outcome. */
function versionDifferences(stored: Result, repeated: Result): readonly string[] {
  const all = (result: Result) => ({ ...result.versions, backend: result.backend });
  const now: Readonly<Record<string, string>> = all(repeated);
  return Object.entries(all(stored)).flatMap(([name, was]) =>
    was === now[name] ? [] : [`${name} differs: was ${was}, is ${now[name] ?? 'none'}`],
  );
}
