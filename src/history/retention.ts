import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { PastRun } from '../contracts/history.ts';
import { messageOf } from '../std/errors.ts';
import { readResult } from '../evidence/store/read-result.ts';
import { runFolders } from './run-folders.ts';

/**
 * The runs whose folders are deleted: of each scenario the newest `keep` that passed stay, and the newest `keep` that did
 * not, so the newest run of all stays while `keep` is at least one. Runs that have no folder any more do not matter.
 */
export function surplusRuns(runs: readonly PastRun[], keep: number): readonly PastRun[] {
  const seen = new Map<string, number>();
  return runs
    .filter(({ directory }) => directory !== null)
    .toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt))
    .filter(({ scenario, status }) => {
      const key = `${status === 'pass' ? 'passed' : 'not passed'} ${scenario}`;
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      return count > keep;
    });
}

/**
 * Deletes the folders of excess runs and returns their names. A folder stays if its verdict cannot be read, if it is
 * another run's, or if its run is still going on: only folders of certainly finished runs are deleted.
 */
export async function deleteSurplusRuns(
  reports: string,
  { runs, keep, log }: { runs: readonly PastRun[]; keep: number; log: (line: string) => void },
): Promise<readonly string[]> {
  const present = new Set((await runFolders(reports)).map(({ directory }) => directory));
  const there = runs.filter(({ directory }) => directory !== null && present.has(directory));
  const deleted: string[] = [];
  for (const run of surplusRuns(there, keep)) {
    const directory = run.directory ?? '';
    const folder = path.join(reports, directory);
    if (!(await isOurs(folder, run))) continue;
    try {
      await rm(folder, { recursive: true });
      deleted.push(directory);
    } catch (error) {
      log(`cannot delete ${folder}: ${messageOf(error)}`);
    }
  }
  return deleted;
}

/** Whether its plan and its result exist and belong to the run in runs.jsonl. */
async function isOurs(folder: string, { scenario, runId }: PastRun): Promise<boolean> {
  try {
    const result = await readResult(folder);
    const plan = JSON.parse(await readFile(path.join(folder, 'plan.json'), 'utf8')) as {
      readonly scenario?: { readonly name?: unknown };
    };
    return (
      result.runId === runId &&
      plan.scenario?.name === scenario &&
      path.basename(path.dirname(folder)) === scenario
    );
  } catch {
    return false;
  }
}
