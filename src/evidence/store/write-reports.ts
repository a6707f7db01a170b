import path from 'node:path';
import type { Reporter } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { makeFolders } from '../../std/make-folders.ts';
import { runLinks } from './run-links.ts';
import { writeWhole } from '../../std/write-whole.ts';

/**
 * Renders every report into the run's folder; a reader never sees half of one.
 * Errors: EnvironmentError when one cannot be written; those before it are.
 */
export async function writeReports(
  directory: string,
  result: Result,
  registry: { readonly reporters: ReadonlyMap<string, Reporter> },
): Promise<void> {
  try {
    await makeFolders(directory);
  } catch (error) {
    throw new EnvironmentError(`cannot make ${directory} for the reports: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const reporters = [...registry.reporters.values()];
  const links = await runLinks(
    directory,
    reporters.map(({ fileName }) => fileName),
  );
  for (const reporter of reporters) {
    await writeWhole(path.join(directory, reporter.fileName), reporter.render(result, links));
  }
}
