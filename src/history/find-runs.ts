import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { RunRecord } from '../contracts/history.ts';
import { ScenarioError } from '../std/errors.ts';
import { readResult } from '../evidence/store/read-result.ts';
import { baselineNames, readBaseline } from './baseline.ts';
import { nightsIn } from './suite-runs.ts';
import { readThresholds } from './past-runs.ts';
import { recordOf } from './run-record.ts';

export interface FoundRuns {
  /** What was found, for a heading: a folder, or the name of a baseline. */
  readonly from: string;
  readonly runs: readonly RunRecord[];
}

/**
 * The runs that a name on the command line means: a folder of a run or of a suite, anywhere; a baseline; the latest run
 * of a suite or a scenario (`nightly`), or the n-th before it (`nightly~1`); or one of them by its time
 * (`nightly/20261120T200912Z`), even if its folder is gone.
 * Errors: ScenarioError when nothing has that name, with where it was looked for.
 */
export async function findRuns(
  name: string,
  { reports, past }: { readonly reports: string; readonly past: readonly RunRecord[] },
): Promise<FoundRuns> {
  const folder = path.resolve(name);
  if (await isFile(path.join(folder, 'result.json'))) {
    return { from: name, runs: [await recordOfFolder(folder)] };
  }
  const baseline = await readBaseline(reports, name);
  if (baseline) return { from: `baseline ${name}`, runs: baseline.runs };
  // `latest` is a symbolic link.
  const [real, root] = await Promise.all([folder, reports].map(withoutLinks));
  const inside = path.relative(root ?? reports, real ?? folder);
  const found = byFolder(inside, past) ?? byFolder(name, past) ?? byName(name, past);
  if (found) return found;
  const known = (await baselineNames(reports)).join(', ');
  throw new ScenarioError(
    `${name}: there is no such run, suite or baseline. Looked for the folder ${folder}, and in ${reports}; ` +
      `baselines: ${known === '' ? 'none' : known}`,
  );
}

function byFolder(folder: string, past: readonly RunRecord[]): FoundRuns | undefined {
  const night = nightsIn(past).find(({ suite }) => [suite, suite.slice(7)].includes(folder));
  if (night) return { from: night.suite, runs: night.runs };
  const run = past.find(({ directory }) => directory === folder);
  return run && { from: folder, runs: [run] };
}

/** `nightly`, `nightly~1`, `partition-5s~3`. */
function byName(text: string, past: readonly RunRecord[]): FoundRuns | undefined {
  const [, name = '', back = '0'] = /^(.*?)(?:~(\d{1,4}))?$/.exec(text) ?? [];
  const night = nightsIn(past, name)[Number(back)];
  if (night) return { from: night.suite, runs: night.runs };
  const runs = past.filter(({ scenario, runId }) => scenario === name && runId !== null);
  const run = runs.toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt))[
    Number(back)
  ];
  return run && { from: run.directory ?? name, runs: [run] };
}

async function recordOfFolder(folder: string): Promise<RunRecord> {
  return recordOf(await readResult(folder), {
    recordedAt: new Date(),
    suite: null,
    commit: null,
    directory: null,
    thresholds: await readThresholds(folder),
  });
}

function withoutLinks(folder: string): Promise<string> {
  return realpath(folder).catch(() => folder);
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() === true;
}
