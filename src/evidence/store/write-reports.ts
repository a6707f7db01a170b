import path from 'node:path';
import type { Reporter } from '../../contracts/evidence.ts';
import type { LostRange, Result } from '../../contracts/result.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { runLog } from './run-log.ts';
import { makeFolders } from '../../std/make-folders.ts';
import { runLinks } from './run-links.ts';
import { writeWhole } from '../../std/write-whole.ts';
import { writeLostRanges } from './lost-ranges.ts';

interface Reporters {
  readonly reporters: ReadonlyMap<string, Reporter>;
}

/**
 * Writes what a judgement came to: every report, and the lost ranges that none of them names.
 * Errors: EnvironmentError when a file cannot be written; those before it are.
 */
export async function writeJudgement(
  directory: string,
  { result, lostRanges }: { readonly result: Result; readonly lostRanges: Iterable<LostRange> },
  registry: Reporters,
): Promise<void> {
  await makeReportFolder(directory);
  await writeLostRanges(directory, result, lostRanges);
  await writeReports(directory, result, registry);
}

/**
 * Renders every report into the run's folder; a reader never sees half of one.
 * Errors: EnvironmentError when one cannot be written; those before it are.
 */
export async function writeReports(
  directory: string,
  result: Result,
  registry: Reporters,
): Promise<void> {
  await makeReportFolder(directory);
  const reporters = [...registry.reporters.values()];
  const found = await runLinks(
    directory,
    reporters.map(({ fileName }) => fileName),
  );
  const log = runLog(directory, result);
  const links = { ...found, ...(log && { log }) };
  for (const reporter of reporters) {
    await writeWhole(path.join(directory, reporter.fileName), reporter.render(result, links));
  }
}

async function makeReportFolder(directory: string): Promise<void> {
  try {
    await makeFolders(directory);
  } catch (error) {
    throw new EnvironmentError(`cannot make ${directory} for the reports: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
