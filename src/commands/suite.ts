import { Option } from 'commander';
import type { PlannedEntry } from '../contracts/suite.ts';
import { messageOf, EnvironmentError, ScenarioError } from '../errors.ts';
import { defaultJobs } from '../job-pool.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { neededCapabilities } from '../scenario/needs.ts';
import { readSuite, suiteNames, type PlannedSuite } from '../scenario/read-suite.ts';
import { runSuite } from '../suite.ts';
import { expectedSuiteMs } from '../suite/order.ts';
import { renderSuite } from '../suite/table.ts';
import { formatDuration } from '../units.ts';
import type { CommandHost } from './host.ts';
import { logger } from './logger.ts';
import { collect, readSeed, shellQuoted } from './plan-options.ts';
import { prepareHost } from './prepare-host.ts';

const jobsAtMost = 64;

interface SuiteArguments {
  readonly jobs?: string;
  readonly backend?: string;
  readonly seed?: string;
  readonly only?: string;
  readonly set: readonly string[];
  readonly install: boolean;
}

export function suiteCommand({ program, signal, exit }: CommandHost): void {
  program
    .command('suite')
    .description('run many scenarios in labs of their own, and end with one table')
    .argument('[suite]', 'a name from scenarios/suites/, or a file; without one: what there is')
    .option('--jobs <n>', 'how many run at once; unless said one more than there are cores')
    .addOption(new Option('--backend <name>', 'for the scenarios that are not tied to one'))
    .option('--seed <number>', 'for every run, in place of its own')
    .option('--only <pattern>', 'only scenarios with this in their name; * stands for anything')
    .option(
      '--set <key=value>',
      'overrides one value of every scenario; may be repeated',
      collect,
      [],
    )
    .option('--no-install', 'refuse to install what this host lacks')
    .action(async (nameOrPath: string | undefined, options: SuiteArguments) => {
      const registry = await loadRegistry();
      if (nameOrPath === undefined) {
        process.stdout.write(await listSuites(registry));
        return;
      }
      const jobs = readJobs(options.jobs);
      const { backend, only, set } = options;
      const seed = options.seed === undefined ? undefined : readSeed(options.seed);
      const suite = await readSuite(nameOrPath, { registry, seed, backend, only, set });
      const log = logger();
      log(announcement(suite, jobs));
      const lacks = await lackingBackends(suite, { registry, install: options.install, log });
      const { directory, result } = await runSuite({
        ...{ name: suite.name, entries: suite.entries, jobs, signal, log },
        cli: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
        impossible: (entry) => lacks.get(hostKey(entry, registry)),
        reproduce: reproduceCommand(nameOrPath, options),
      });
      process.stdout.write(`\n${renderSuite(result)}\nReports: ${directory}\n`);
      exit(result.exitCode);
    });
}

async function listSuites(registry: Registry): Promise<string> {
  const suites = await Promise.all(
    (await suiteNames()).map((name) => readSuite(name, { registry })),
  );
  const width = Math.max(0, ...suites.map(({ name }) => name.length));
  const lines = suites.map(
    ({ name, summary, entries }) =>
      `${name.padEnd(width)}  ${summary} ${entries.length} runs, about ${approximate(expectedSuiteMs(entries, defaultJobs()))}.`,
  );
  return `${lines.join('\n')}\n`;
}

function announcement({ name, entries }: PlannedSuite, jobs: number): string {
  const runs = entries.length === 1 ? '1 run' : `${entries.length} runs`;
  return `${name}: ${runs}, ${jobs} at once, about ${approximate(expectedSuiteMs(entries, jobs))}`;
}

/** To the minute, and below two minutes to ten seconds. */
function approximate(ms: number): string {
  const grain = ms < 120_000 ? 10_000 : 60_000;
  return formatDuration(Math.ceil(ms / grain) * grain);
}

/**
 * Installs what this host lacks before any run begins, for two runs would install at once. What it cannot get ends
 * the runs that need it, and no others: by `hostKey`, what is missing.
 */
async function lackingBackends(
  { entries }: PlannedSuite,
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
      const needs = neededCapabilities(scenario, registry.faults);
      await prepareHost(backend, { spec: scenario.cluster, needs, install, log });
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      log(messageOf(error));
      lacks.set(hostKey(entry, registry), messageOf(error).replaceAll(/\n\s*/g, ' '));
    }
  }
  return lacks;
}

/** Entries with the same key need the same of the host. */
function hostKey({ plan }: PlannedEntry, { faults }: Registry): string {
  const { cluster } = plan.scenario;
  return [plan.backend, cluster.topology, ...neededCapabilities(plan.scenario, faults)].join(' ');
}

function readJobs(jobs: string | undefined): number {
  if (jobs === undefined) return defaultJobs();
  const number = Number(jobs);
  if (/^\d+$/.test(jobs) && number >= 1 && number <= jobsAtMost) return number;
  throw new ScenarioError(`--jobs ${jobs}: needs a whole number from 1 to ${jobsAtMost}`);
}

function reproduceCommand(
  nameOrPath: string,
  { seed, backend, only, set }: SuiteArguments,
): string {
  const options = [
    ...Object.entries({ seed, backend, only }).flatMap(([key, value]) =>
      value === undefined ? [] : [`--${key} ${shellQuoted(value)}`],
    ),
    ...set.map((override) => `--set ${shellQuoted(override)}`),
  ];
  return ['npm run forkpoint -- suite', shellQuoted(nameOrPath), ...options].join(' ');
}
