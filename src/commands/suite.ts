import { Option } from 'commander';
import { ScenarioError } from '../std/errors.ts';
import { defaultJobs } from '../std/job-pool.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { type PlannedSuite, readSuite, suiteNames } from '../scenario/read-suite.ts';
import { shellQuoted } from '../std/shell-quoted.ts';
import { expectedSuiteMs } from '../suite/order.ts';
import { suggestion } from '../std/suggest.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import type { CommandHost } from './support/command-host.ts';
import { keepRunsOption } from './index-page.ts';
import { collect, extensionsArgument, readSeed } from './support/plan-options.ts';
import { readKeepRuns } from './support/record-run.ts';
import { approximate, readRepeat, repeatOption, runEntries } from './support/run-entries.ts';
import { print } from '../std/output.ts';

const jobsAtMost = 64;

interface SuiteArguments extends JsonArguments {
  readonly jobs?: string;
  readonly backend?: string;
  readonly seed?: string;
  readonly only?: string;
  readonly set: readonly string[];
  readonly install: boolean;
  readonly repeat?: string;
  readonly keepRuns?: string;
  readonly baseline?: string;
  readonly github?: true;
  readonly ifAvailable: readonly string[];
}

export function suiteCommand({ program, signal, exit }: CommandHost): void {
  program
    .command('suite')
    .description('run many scenarios, each in its own lab, and print one table')
    .argument('[suite]', 'a name from scenarios/suites/, or a file; default: list the suites')
    .option('--jobs <n>', 'how many runs at once; default: one more than there are cores')
    .addOption(
      new Option(
        '--backend <name>',
        'where the clusters run, unless the suite or scenario names a backend',
      ),
    )
    .option('--seed <number>', 'one seed for every run; default: the seed of each entry')
    .option('--only <pattern>', 'only scenarios whose name contains this; * matches anything')
    .option('--set <key=value>', 'override one value of every scenario; repeatable', collect, [])
    .option(
      '--if-available <backend>',
      'runs on this backend that the host cannot make are skipped, by name and count, and do not count; repeatable',
      collect,
      [],
    )
    .option('--no-install', 'fail instead of installing what this host lacks')
    .option(...repeatOption)
    .option(
      '--baseline <name>',
      'compare with this baseline instead of earlier runs; fail when a run is worse',
    )
    .option(...keepRunsOption)
    .option('--github', 'append the table to GITHUB_STEP_SUMMARY and print annotations')
    .option(...jsonOption)
    .action(async (nameOrPath: string | undefined, options: SuiteArguments) => {
      const registry = await loadRegistry();
      if (nameOrPath === undefined) {
        await listSuites(registry, options);
        return;
      }
      const jobs = readJobs(options.jobs);
      const { backend, only, set } = options;
      const seed = options.seed === undefined ? undefined : readSeed(options.seed);
      const repeat = readRepeat(options.repeat);
      const suite = await readSuite(nameOrPath, { registry, seed, backend, only, set, repeat });
      const reproduce = reproduceCommand(nameOrPath, options);
      const { install, baseline, keepRuns, github, json, ifAvailable } = options;
      requireBackends(ifAvailable, registry);
      exit(
        await runEntries(suite, {
          registry,
          jobs,
          install,
          signal,
          reproduce,
          baseline,
          github,
          json,
          optional: ifAvailable,
          keepRuns: readKeepRuns(keepRuns),
        }),
      );
    });
}

async function listSuites(registry: Registry, { json }: JsonArguments): Promise<void> {
  const suites = await Promise.all(
    (await suiteNames()).map((name) => readSuite(name, { registry })),
  );
  const expectedMs = (entries: PlannedSuite['entries']) => expectedSuiteMs(entries, defaultJobs());
  if (json) {
    const listed = suites.map(({ name, summary, entries }) => {
      return { name, summary, runs: entries.length, expectedMs: expectedMs(entries) };
    });
    printJson({ suites: listed });
    return;
  }
  const width = Math.max(0, ...suites.map(({ name }) => name.length));
  const lines = suites.map(
    ({ name, summary, entries }) =>
      `${name.padEnd(width)}  ${summary} ${entries.length} runs, about ${approximate(expectedMs(entries))}.`,
  );
  print(`${lines.join('\n')}\n`);
}

function requireBackends(names: readonly string[], { backends }: Pick<Registry, 'backends'>): void {
  for (const name of names) {
    if (backends.has(name)) continue;
    const known = suggestion(name, backends.keys());
    throw new ScenarioError(`--if-available ${name}: there is no backend '${name}'${known}`);
  }
}

function readJobs(jobs: string | undefined): number {
  if (jobs === undefined) return defaultJobs();
  const number = Number(jobs);
  if (/^\d+$/.test(jobs) && number >= 1 && number <= jobsAtMost) return number;
  throw new ScenarioError(`--jobs ${jobs}: needs a whole number from 1 to ${jobsAtMost}`);
}

function reproduceCommand(
  nameOrPath: string,
  { seed, backend, only, set, repeat, baseline, ifAvailable }: SuiteArguments,
): string {
  const options = [
    ...Object.entries({ seed, backend, only, repeat, baseline }).flatMap(([key, value]) =>
      value === undefined ? [] : [`--${key} ${shellQuoted(value)}`],
    ),
    ...ifAvailable.map((name) => `--if-available ${shellQuoted(name)}`),
    ...set.map((override) => `--set ${shellQuoted(override)}`),
    ...extensionsArgument(),
  ];
  return ['npm run forkpoint -- suite', shellQuoted(nameOrPath), ...options].join(' ');
}
