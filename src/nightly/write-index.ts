import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EnvironmentError, messageOf } from '../errors.ts';
import { makeFolders } from '../make-folders.ts';
import { runsPage } from '../reporters/html/runs-page.ts';
import type { PastRuns } from './past-runs.ts';

/**
 * Writes reports/index.html, the page over all runs. Whoever reads it never sees half of one, also when several
 * processes write it at once.
 * Errors: EnvironmentError when it cannot be written.
 */
export async function writeIndex(reports: string, past: PastRuns): Promise<string> {
  const file = path.join(reports, 'index.html');
  try {
    await makeFolders(reports);
    await writeFile(`${file}.${process.pid}`, runsPage(past));
    await rename(`${file}.${process.pid}`, file);
  } catch (error) {
    throw new EnvironmentError(`cannot write ${file}: ${messageOf(error)}`, { cause: error });
  }
  return file;
}
