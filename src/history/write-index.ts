import path from 'node:path';
import { EnvironmentError, messageOf } from '../std/errors.ts';
import { makeFolders } from '../std/make-folders.ts';
import { runsPage } from '../render/runs-page/runs-page.ts';
import { writeWhole } from '../std/write-whole.ts';
import { readOverviews } from './overviews.ts';
import type { PastRuns } from './past-runs.ts';

/**
 * Writes reports/index.html, the overview of all runs.
 * Errors: EnvironmentError when it cannot be written.
 */
export async function writeIndex(reports: string, past: PastRuns): Promise<string> {
  const file = path.join(reports, 'index.html');
  try {
    await makeFolders(reports);
  } catch (error) {
    throw new EnvironmentError(`cannot make ${reports}: ${messageOf(error)}`, { cause: error });
  }
  await writeWhole(file, runsPage({ ...past, overviews: await readOverviews(reports) }));
  return file;
}
