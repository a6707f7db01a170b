import type { PlannedEntry, SuiteResult } from '../../contracts/suite.ts';
import { EnvironmentError, messageOf, ScenarioError } from '../../std/errors.ts';
import { readBaseline } from '../../history/baseline.ts';
import { currentCommit } from '../../history/commit.ts';
import { nightsIn, type Night } from '../../history/suite-runs.ts';
import { readPastRuns } from '../../history/past-runs.ts';
import { reportsFolder } from '../../evidence/store/run-folders.ts';
import type { Registry } from '../../registry.ts';
import { neededOfHost } from '../../scenario/plan/needed-of-host.ts';
import type { PlannedSuite } from '../../scenario/read-suite.ts';
import { runSuite } from '../../suite/run-suite.ts';
import { expectedSuiteMs } from '../../suite/order.ts';
import { renderSuite } from '../../suite/render/table.ts';
import { formatDuration } from '../../std/units/units.ts';
import { needStepSummary, tellGithubOfSuite } from './github-option.ts';
import { type JsonArguments, printJson } from './json.ts';
import { logger, sayLongWaits } from './logger.ts';
import { prepareHost } from './prepare-host.ts';
import { ensureIndex, readCount, tidyReports } from './record-run.ts';
import { plainValues } from '../../std/plain.ts';
import { print } from '../../std/output.ts';

export const repeatOption = [
  '--repeat <n>',
  'run every scenario n times, with seeds counting up, and estimate the probability of a loss',
] as const;

/** Errors: ScenarioError. */
export function readRepeat(text: string | undefined): number {
  return text === undefined ? 1 : readCount('--repeat', text, 1000);
}

type Entries = Pick<PlannedSuite, 'name' | 'entries'>;

interface EntriesOptions extends JsonArguments {
  readonly registry: Registry;
  readonly jobs: number;
  readonly install: boolean;
  readonly signal: AbortSignal;
  readonly reproduce: string;
  readonly baseline?: string | undefined;
  readonly keepRuns?: number | undefined;
  readonly github?: true | undefined;
  /** Backends that this host need not have. */
  readonly optional?: readonly string[];
}

/** Runs a suite and prints its table; the exit code of the whole. */
export async function runEntries(suite: Entries, options: EntriesOptions): Promise<number> {
  const { registry, jobs, install, signal, reproduce, baseline, keepRuns, github, json } = options;
  const { optional = [] } = options;
  if (github) needStepSummary();
  const log = logger();
  using _waits = sayLongWaits(log);
  await ensureIndex(log);
  const nights = await readNights(suite.name, { baseline, log });
  log(announcement(suite, jobs));
  const lacks = await lackingBackends(suite, { registry, install, log });
  const { directory, result } = await runSuite({
    name: suite.name,
    entries: suite.entries,
    jobs,
    signal,
    log,
    reproduce,
    nights,
    baseline,
    optional,
    commit: await currentCommit(),
    cli: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    impossible: (entry) => lacks.get(hostKey(entry, registry)),
  });
  if (json) printJson(result);
  else print(`\n${renderSuite(plainValues(result))}\nReports: ${directory}\n`);
  for (const line of skipped(result, optional)) print(`${line}\n`);
  await tidyReports({ keepRuns, log });
  if (github) await tellGithubOfSuite(result);
  return result.exitCode;
}

/** The runs that the suite is compared with. Unreadable earlier runs are logged; an unreadable baseline is an error. */
async function readNights(
  name: string,
  { baseline, log }: { readonly baseline: string | undefined; log: (line: string) => void },
): Promise<readonly Night[]> {
  const reports = reportsFolder();
  if (baseline !== undefined) {
    const found = await readBaseline(reports, baseline);
    if (found) return [{ suite: found.from, runs: found.runs }];
    throw new ScenarioError(
      `--baseline ${baseline}: there is no such baseline; \`forkpoint baseline\` lists them and saves new ones`,
    );
  }
  try {
    return nightsIn((await readPastRuns(reports)).runs, name);
  } catch (error) {
    log(`nothing to compare with: ${messageOf(error)}`);
    return [];
  }
}

/** `Skipped, for this host cannot run the backend docker: single-crash-recovery (1 run)`, a line for each backend. */
function skipped(
  { entries }: Pick<SuiteResult, 'entries'>,
  optional: readonly string[],
): readonly string[] {
  return optional.flatMap((backend) => {
    const left = entries.filter((entry) => {
      return entry.status === 'impossible' && entry.backend === backend;
    });
    if (left.length === 0) return [];
    const names = left.map(({ label }) => label).join(', ');
    const runs = left.length === 1 ? '1 run' : `${left.length} runs`;
    return [`Skipped, for this host cannot run the backend ${backend}: ${names} (${runs})`];
  });
}

function announcement({ name, entries }: Entries, jobs: number): string {
  const runs = entries.length === 1 ? '1 run' : `${entries.length} runs`;
  return `${name}: ${runs}, ${jobs} at once, about ${approximate(expectedSuiteMs(entries, jobs))}`;
}

/** Rounded to the minute, and below two minutes to ten seconds. */
export function approximate(ms: number): string {
  const grain = ms < 120_000 ? 10_000 : 60_000;
  return formatDuration(Math.ceil(ms / grain) * grain);
}

/**
 * Installs what this host lacks before any run starts, because two runs would install at once. Only the runs that need
 * what cannot be installed are skipped: what is missing, by `hostKey`.
 */
async function lackingBackends(
  { entries }: Entries,
  options: {
    readonly registry: Registry;
    readonly install: boolean;
    readonly log: (line: string) => void;
  },
): Promise<ReadonlyMap<string, string>> {
  const { registry, install, log } = options;
  const lacks = new Map<string, string>();
  for (const entry of new Map(entries.map((each) => [hostKey(each, registry), each])).values()) {
    const { backend: name, scenario } = entry.plan;
    const backend = registry.backends.get(name);
    if (!backend) continue;
    try {
      await prepareHost(backend, { ...neededOfHost(scenario, registry.faults), install, log });
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      log(messageOf(error));
      lacks.set(hostKey(entry, registry), messageOf(error).replaceAll(/\n\s*/g, ' '));
    }
  }
  return lacks;
}

/** Entries with the same key have the same needs. */
function hostKey({ plan }: PlannedEntry, { faults }: Registry): string {
  const { spec, needs, routes, memoryAbove } = neededOfHost(plan.scenario, faults);
  const vias = routes.map(({ via }) => via);
  return [plan.backend, spec.topology, memoryAbove, ...needs, ...vias].join(' ');
}
