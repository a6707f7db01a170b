import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Result } from '../../contracts/result.ts';
import type { Plan } from '../../contracts/scenario.ts';
import { messageOf, ScenarioError } from '../../std/errors.ts';
import { currentCommit } from '../../history/commit.ts';
import { appendToHistory } from '../../history/runs-jsonl.ts';
import { readPastRuns } from '../../history/past-runs.ts';
import { recordOf } from '../../history/run-record.ts';
import { deleteSurplusRuns } from '../../history/retention.ts';
import { writeIndex } from '../../history/write-index.ts';
import { reportsFolder } from '../../evidence/store/run-folders.ts';

interface KeepOptions {
  readonly keepRuns?: number | undefined;
  readonly log: (line: string) => void;
}

/**
 * Adds the run's line to runs.jsonl; then, unless a suite does it after its last run, does the work of `tidyReports`.
 * A failure here is logged and never changes the verdict.
 */
export async function rememberRun(
  { directory, result }: { readonly directory: string; readonly result: Result },
  { plan, ...options }: KeepOptions & { readonly plan: Plan },
): Promise<void> {
  const reports = reportsFolder();
  const suite = process.env.FORKPOINT_SUITE;
  const isOfSuite = suite !== undefined && suite !== '';
  const record = recordOf(result, {
    recordedAt: new Date(),
    suite: isOfSuite ? suite : null,
    commit: await currentCommit(),
    directory: path.relative(reports, directory),
    thresholds: plan.scenario.thresholds ?? null,
  });
  try {
    await appendToHistory(reports, [record]);
  } catch (error) {
    options.log(messageOf(error));
  }
  if (!isOfSuite) await tidyReports(options);
}

/** Writes the overview of all runs before the first report that links to it. */
export async function ensureIndex(log: (line: string) => void): Promise<void> {
  if (!existsSync(path.join(reportsFolder(), 'index.html'))) await tidyReports({ log });
}

/** Deletes the folders of excess runs and writes the overview of all runs. A failure is logged. */
export async function tidyReports({ keepRuns, log }: KeepOptions): Promise<void> {
  try {
    // `forkpoint index` reports the runs that the page leaves out; a run still going on is one of them.
    await indexRuns({ keepRuns, log });
  } catch (error) {
    log(messageOf(error));
  }
}

/** Errors: EnvironmentError when the reports folder cannot be read or written. */
export async function indexRuns({
  keepRuns,
  log,
}: KeepOptions): Promise<{ readonly file: string; readonly skipped: readonly string[] }> {
  const reports = reportsFolder();
  let past = await readPastRuns(reports);
  if (keepRuns !== undefined) {
    const { runs } = past;
    const deleted = await deleteSurplusRuns(reports, { runs, keep: keepRuns, log });
    if (deleted.length > 0) {
      log(`deleted, to keep ${keepRuns} of each scenario: ${deleted.join(', ')}`);
      past = await readPastRuns(reports);
    }
  }
  return { file: await writeIndex(reports, past), skipped: past.skipped };
}

/** Errors: ScenarioError. */
export function readKeepRuns(text: string | undefined): number | undefined {
  return text === undefined ? undefined : readCount('--keep-runs', text, 100_000);
}

/** Errors: ScenarioError. */
export function readCount(option: string, text: string, atMost: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= atMost) return number;
  throw new ScenarioError(`${option} ${text}: needs a whole number from 1 to ${atMost}`);
}
