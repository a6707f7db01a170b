import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { EnvironmentError, messageOf, ScenarioError } from '../../std/errors.ts';
import { makeFolders } from '../../std/make-folders.ts';
import { plain } from '../../std/plain.ts';

/** Where this package's own files are: scenarios, faults, package.json. */
export const packageRoot = new URL('../../../', import.meta.url);

/** Where runs are written: `reports` below the current folder, or FORKPOINT_REPORTS. */
export function reportsFolder(): string {
  return path.resolve(process.env.FORKPOINT_REPORTS ?? 'reports');
}

export async function forkpointVersion(): Promise<string> {
  const text = await readFile(new URL('package.json', packageRoot), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Unique on this host and sortable: names the lab, the schema and the run. */
export function newRunId(now: Date): string {
  return `${stamp(now).toLowerCase()}-${randomBytes(3).toString('hex')}`;
}

/** `20261120T200912Z` */
function stamp(now: Date): string {
  return now.toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Makes reports/<scenario>/<UTC time> and points `latest` at it. Errors: EnvironmentError. */
export function newRunFolder(scenario: string, now: Date): Promise<string> {
  return newStampedFolder(path.join(reportsFolder(), scenario), { now, inside: 'journal' });
}

/** Makes reports/suites/<suite>/<UTC time> and points `latest` at it. Errors: EnvironmentError. */
export function newSuiteFolder(suite: string, now: Date): Promise<string> {
  return newStampedFolder(path.join(reportsFolder(), 'suites', suite), { now, inside: 'logs' });
}

/** Makes reports/matrix/<scenario>/<UTC time> and points `latest` at it. Errors: EnvironmentError. */
export function newMatrixFolder(scenario: string, now: Date): Promise<string> {
  return newStampedFolder(path.join(reportsFolder(), 'matrix', scenario), { now, inside: 'logs' });
}

async function newStampedFolder(
  parent: string,
  { now, inside }: { readonly now: Date; readonly inside: string },
): Promise<string> {
  try {
    await makeFolders(parent);
    const name = await firstFree(parent, stamp(now));
    await mkdir(path.join(parent, name, inside));
    // Renamed into place: two runs that start together must not trip over each other's link.
    const link = path.join(parent, name, 'latest');
    await symlink(name, link);
    await rename(link, path.join(parent, 'latest'));
    return path.join(parent, name);
  } catch (error) {
    throw new EnvironmentError(
      `cannot write the run's folder in ${parent}: ${messageOf(error)}. Make it writable, or name another with FORKPOINT_REPORTS.`,
      { cause: error },
    );
  }
}

/** Two runs of one second: the later one gets a number. mkdir decides, so that none is ever shared. */
async function firstFree(parent: string, wanted: string): Promise<string> {
  for (let number = 1; number < 1000; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    try {
      await mkdir(path.join(parent, name));
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  throw new Error(`a thousand runs have the name ${wanted}`);
}

/** `partition-5s`, or `partition-5s/20261120T200912Z`: nothing that leads out of the reports. */
const runName = /^[\w-]+(\/[\w-]+)*$/;

/**
 * The folder of a stored run: a path; its name below the reports folder; or a scenario's name for its latest run.
 * Errors: ScenarioError when there is no plan.json in it.
 */
export async function findRun(nameOrPath: string): Promise<string> {
  const named = path.join(reportsFolder(), nameOrPath);
  const candidates = [
    path.resolve(nameOrPath),
    ...(runName.test(nameOrPath) ? [path.join(named, 'latest'), named] : []),
  ];
  for (const candidate of candidates) {
    const plan = await stat(path.join(candidate, 'plan.json')).catch(() => undefined);
    if (plan?.isFile() === true) return candidate;
  }
  throw new ScenarioError(
    plain(`${nameOrPath}: not a run. Looked for plan.json in ${candidates.join(' and in ')}.`),
  );
}
