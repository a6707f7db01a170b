import path from 'node:path';
import { availableParallelism } from 'node:os';
import type { MatrixAxis, MatrixResult } from '../contracts/matrix.ts';
import { messageOf, ScenarioError } from '../std/errors.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { runMatrix, type PlannedCell } from '../matrix/run-matrix.ts';
import { cellLabel, parseAxis, productOf } from '../matrix/axes.ts';
import { matrixMarkdown } from '../matrix/render/markdown.ts';
import { neededOfHost } from '../scenario/plan/needed-of-host.ts';
import { worstExitCode } from '../suite/exit-codes.ts';
import { shellQuoted } from '../std/shell-quoted.ts';
import { formatDuration } from '../std/units/units.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import type { CommandHost } from './support/command-host.ts';
import { logger, sayLongWaits } from './support/logger.ts';
import { collect, extensionsArgument, planFrom, withPlanOptions } from './support/plan-options.ts';
import type { PlanArguments } from './support/plan-options.ts';
import { prepareHost } from './support/prepare-host.ts';
import { ensureIndex, tidyReports } from './support/record-run.ts';
import { print } from '../std/output.ts';

const jobsAtMost = 64;
/** Approximate time to boot, converge, read back and tear down a lab. */
const besideLoadMs = 15_000;
const cellCodes = { held: 0, broken: 1, unknown: 2, impossible: 4 } as const;

interface MatrixArguments extends PlanArguments, JsonArguments {
  readonly over: readonly string[];
  readonly jobs?: string;
  readonly install: boolean;
}

export function matrixCommand({ program, signal, exit }: CommandHost): void {
  withPlanOptions(
    program
      .command('matrix')
      .description(
        'run a scenario under every combination of settings; compare promised and observed loss',
      )
      .argument('<scenario>', 'a name from scenarios/, or a file')
      .option(
        '--over <key=v1,v2>',
        'synchronous, a PostgreSQL parameter, or a dotted path of the file; repeatable',
        collect,
        [],
      )
      .option('--jobs <n>', 'how many runs at once; default: one for every two cores')
      .option('--no-install', 'fail instead of installing what this host lacks')
      .option(...jsonOption),
  ).action(async (nameOrPath: string, options: MatrixArguments) => {
    if (options.over.length === 0) {
      throw new ScenarioError('matrix: needs a setting to vary, such as --over synchronous=off,on');
    }
    const registry = await loadRegistry();
    const jobs = readJobs(options.jobs);
    const axes = options.over.map((text) => parseAxis(text));
    const cells = await planCells(nameOrPath, { axes, options, registry });
    const log = logger();
    using _waits = sayLongWaits(log);
    log(announcement(cells, jobs));
    await ensureIndex(log);
    await prepare(cells, { registry, install: options.install, log });
    const { directory, result } = await runMatrix({
      axes,
      cells,
      jobs,
      signal,
      log,
      cli: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
      reproduce: reproduceCommand(nameOrPath, options),
    });
    await tidyReports({ log });
    if (options.json) printJson(result);
    else print(`\n${matrixMarkdown(result)}\nReports: ${path.resolve(directory)}\n`);
    exit(signal.aborted ? 130 : exitCodeOf(result));
  });
}

/** Every cell is planned before the first one runs. Errors: ScenarioError naming the cell. */
async function planCells(
  nameOrPath: string,
  about: {
    readonly axes: readonly MatrixAxis[];
    readonly options: MatrixArguments;
    readonly registry: Registry;
  },
): Promise<readonly PlannedCell[]> {
  const { axes, options, registry } = about;
  const cells: PlannedCell[] = [];
  for (const cell of productOf(axes)) {
    const set = [...options.set, ...cell.set];
    const label = cellLabel(axes, cell.values);
    const { plan } = await planFrom(nameOrPath, { ...options, set }, registry).catch(
      (error: unknown) => {
        throw error instanceof ScenarioError
          ? new ScenarioError(`${label}: ${messageOf(error)}`, { cause: error })
          : error;
      },
    );
    const named = { scenario: nameOrPath, label, set, seed: plan.seed, isExclusive: false };
    cells.push({ ...cell, entry: { ...named, backend: plan.backend, plan } });
  }
  return cells;
}

/** Installs what is missing before any cell starts: two cells would install at once. */
async function prepare(
  cells: readonly PlannedCell[],
  options: {
    readonly registry: Registry;
    readonly install: boolean;
    readonly log: (line: string) => void;
  },
): Promise<void> {
  const { registry, install, log } = options;
  const plan = cells[0]?.entry.plan;
  const backend = plan && registry.backends.get(plan.backend);
  if (!backend) return;
  await prepareHost(backend, { ...neededOfHost(plan.scenario, registry.faults), install, log });
}

/** The worst cell's; a cell that this host cannot run is no pass. */
function exitCodeOf({ cells }: MatrixResult): number {
  return worstExitCode(cells.map(({ status }) => cellCodes[status]));
}

function announcement(cells: readonly PlannedCell[], jobs: number): string {
  const loads = cells.map(({ entry }) => entry.plan.scenario.load.durationMs + besideLoadMs);
  const minutes = Math.ceil(loads.reduce((sum, ms) => sum + ms, 0) / jobs / 60_000);
  return `${cells.length} cells, ${jobs} at once, about ${formatDuration(minutes * 60_000)}`;
}

function readJobs(jobs: string | undefined): number {
  if (jobs === undefined) return Math.max(1, Math.floor(availableParallelism() / 2));
  const number = Number(jobs);
  if (/^\d+$/.test(jobs) && number >= 1 && number <= jobsAtMost) return number;
  throw new ScenarioError(`--jobs ${jobs}: needs a whole number from 1 to ${jobsAtMost}`);
}

function reproduceCommand(
  nameOrPath: string,
  { over, backend, seed, set }: MatrixArguments,
): string {
  const parts = [
    ...over.map((axis) => `--over ${shellQuoted(axis)}`),
    ...[`--seed ${seed}`, ...(backend === undefined ? [] : [`--backend ${backend}`])],
    ...set.map((override) => `--set ${shellQuoted(override)}`),
    ...extensionsArgument(),
  ];
  return `npm run forkpoint -- matrix ${shellQuoted(nameOrPath)} ${parts.join(' ')}`;
}
