import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { EnvironmentError, messageOf } from '../std/errors.ts';

/** Other folders beside the scenarios' folders. */
const notScenarios = new Set(['suites', 'matrix', 'baselines']);
const stamp = /^\d{8}T\d{6}Z(-\d+)?$/;

export interface RunFolder {
  /** `<scenario>/<UTC time>`, relative to the reports folder. */
  readonly directory: string;
  /** When its verdict was last written; undefined if it has none. */
  readonly judgedAtMs: number | undefined;
  readonly hasReport: boolean;
}

/** Every run's folder in a reports folder; skips links and folders without a run's files. */
export async function runFolders(reports: string): Promise<readonly RunFolder[]> {
  const scenarios = (await entriesOf(reports)).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !notScenarios.has(entry.name),
  );
  const found: RunFolder[] = [];
  for (const { name: scenario } of scenarios) {
    for (const entry of await entriesOf(path.join(reports, scenario))) {
      // `latest` is a link, so its target is not counted twice.
      if (!entry.isDirectory() || !stamp.test(entry.name)) continue;
      found.push(await look(reports, `${scenario}/${entry.name}`));
    }
  }
  return found;
}

async function look(reports: string, directory: string): Promise<RunFolder> {
  const at = (file: string) =>
    stat(path.join(reports, directory, file)).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
  const [judgedAtMs, reportedAtMs] = await Promise.all([at('result.json'), at('report.html')]);
  return { directory, judgedAtMs, hasReport: reportedAtMs !== undefined };
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new EnvironmentError(`cannot read ${folder}: ${messageOf(error)}`, { cause: error });
  }
}
