import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { MatrixAxis, MatrixCell, MatrixResult } from '../contracts/matrix.ts';
import type { Result } from '../contracts/result.ts';
import type { PlannedEntry } from '../contracts/suite.ts';
import { messageOf } from '../std/errors.ts';
import { runPool } from '../std/job-pool.ts';
import { cellLabel, type CellPlan } from './axes.ts';
import { matrixHtml } from './render/html.ts';
import { judgeCell } from './judge-cell.ts';
import { matrixMarkdown } from './render/markdown.ts';
import { newMatrixFolder, reportsFolder } from '../evidence/store/run-folders.ts';
import { linksBelow } from '../suite/links-below.ts';
import { recordCell } from './record-cell.ts';
import { judgeEntry } from '../suite/entry-result.ts';
import { startRun } from '../suite/start-run.ts';
import { known } from '../std/units/shown.ts';
import { monotonicMs } from '../std/wait.ts';
import { writeWhole } from '../std/write-whole.ts';

export interface PlannedCell extends CellPlan {
  readonly entry: PlannedEntry;
}

export interface MatrixOptions {
  readonly axes: readonly MatrixAxis[];
  readonly cells: readonly PlannedCell[];
  readonly jobs: number;
  /** The command line that starts Forkpoint: node, its flags, the script. */
  readonly cli: readonly string[];
  readonly reproduce: string;
  readonly signal: AbortSignal;
  log(line: string): void;
}

/** Runs every cell in a process and a lab of its own; a failed cell does not stop the others. */
export async function runMatrix(
  options: MatrixOptions,
): Promise<{ readonly directory: string; readonly result: MatrixResult }> {
  const { axes, cells, jobs, signal } = options;
  const startedAt = new Date();
  const startedMs = monotonicMs();
  const plan = cells[0]?.entry.plan;
  const scenario = plan?.scenario.name ?? '';
  const directory = await newMatrixFolder(scenario, startedAt);
  const judged = await runPool(cells, (cell, index) => runCell(cell, index, directory, options), {
    jobs,
    signal,
  });
  const result: MatrixResult = {
    schemaVersion: 1,
    scenario,
    claim: plan?.scenario.claim ?? '',
    seed: plan?.seed ?? 0,
    backend: plan?.backend ?? '',
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(monotonicMs() - startedMs),
    cells: judged.map((cell, index) => cell ?? neverBegan(cells[index]?.values ?? [])),
    axes,
    reproduce: options.reproduce,
  };
  const files = {
    'matrix.json': `${JSON.stringify(result, null, 2)}\n`,
    'matrix.md': matrixMarkdown(result),
    'matrix.html': matrixHtml(result, linksBelow(reportsFolder())),
  };
  for (const [name, text] of Object.entries(files)) {
    // A full disk costs the file, not the table.
    await writeWhole(path.join(directory, name), text).catch((error: unknown) =>
      options.log(messageOf(error)),
    );
  }
  return { directory, result };
}

async function runCell(
  { entry, values }: PlannedCell,
  index: number,
  directory: string,
  options: MatrixOptions,
): Promise<MatrixCell> {
  const { axes, cli, signal } = options;
  const log = path.join('logs', `${String(index + 1).padStart(3, '0')}.log`);
  const startedMs = monotonicMs();
  const end = await startRun(entry, { cli, signal, log: path.join(directory, log) });
  const found = await judgeEntry(end);
  const verdict = await verdictOf(found, end.directory);
  const cell: MatrixCell = {
    values,
    ...verdict,
    log,
    durationMs: Math.round(monotonicMs() - startedMs),
    directory: end.directory === undefined ? null : path.relative(reportsFolder(), end.directory),
  };
  await recordCell(cell, entry.plan, {
    matrix: path.relative(reportsFolder(), directory),
    log: (line) => options.log(line),
  });
  const lost = known(cell.observed?.lost ?? null);
  options.log(`${cell.status.padEnd(10)} ${cellLabel(axes, values)}: lost ${lost}`);
  return cell;
}

/** A run that was impossible, ended early or had no verdict is judged by its exit code; the others by their result. */
async function verdictOf(
  { status, reason }: Awaited<ReturnType<typeof judgeEntry>>,
  directory: string | undefined,
): Promise<Omit<MatrixCell, 'values' | 'log' | 'durationMs' | 'directory'>> {
  const nothing = { promise: null, observed: null, versions: null };
  if (status === 'impossible' || status === 'invalid') {
    return { status: 'impossible', reason, ...nothing };
  }
  const isJudged =
    status === 'pass' || status === 'fail' || status === 'unknown' || status === 'knownDefect';
  const result = isJudged && directory !== undefined ? await readResult(directory) : undefined;
  if (!result) return { status: 'unknown', reason: reason ?? 'the run left no result', ...nothing };
  const { postgres, patroni } = result.versions;
  return { ...judgeCell(result), versions: { postgres, patroni } };
}

async function readResult(directory: string): Promise<Result | undefined> {
  try {
    return JSON.parse(await readFile(path.join(directory, 'result.json'), 'utf8')) as Result;
  } catch {
    // Missing or incomplete: the cell cannot be judged.
    return undefined;
  }
}

function neverBegan(values: readonly string[]): MatrixCell {
  return {
    values,
    status: 'unknown',
    reason: 'it was never started',
    promise: null,
    observed: null,
    directory: null,
    log: null,
    durationMs: null,
    versions: null,
  };
}
