import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PastRun, RunRecord } from '../contracts/history.ts';
import type { Thresholds } from '../contracts/scenario.ts';
import { messageOf } from '../std/errors.ts';
import { readResult } from '../evidence/store/read-result.ts';
import { appendToHistory, readHistory } from './runs-jsonl.ts';
import { storedThresholds } from './run-record-schema.ts';
import { recordOf } from './run-record.ts';
import { runFolders, type RunFolder } from './run-folders.ts';

export interface PastRuns {
  /** Newest first. */
  readonly runs: readonly PastRun[];
  /** Folders and lines that were skipped, each with the reason. */
  readonly skipped: readonly string[];
}

/**
 * Every run recorded in a reports folder, from its runs.jsonl and from the folders of runs. A verdict that was written
 * after its line, or has no line, is added to runs.jsonl.
 * Errors: EnvironmentError when the folder cannot be read. A failure to write is only logged.
 */
export async function readPastRuns(reports: string): Promise<PastRuns> {
  const { records, problems } = await readHistory(reports);
  const skipped = [...problems];
  const recorded = new Map(records.map((record) => [record.directory, record]));
  const folders = await runFolders(reports);
  const fresh: RunRecord[] = [];
  for (const folder of folders) {
    const before = recorded.get(folder.directory);
    if (before && isUpToDate(before, folder)) continue;
    const read = await readFolder(reports, folder, before);
    if (typeof read === 'string') skipped.push(`${folder.directory}: ${read}`);
    else fresh.push(read);
  }
  await appendToHistory(reports, fresh).catch((error: unknown) => {
    skipped.push(messageOf(error));
  });
  const freshIds = new Set(fresh.map(({ runId }) => runId));
  const all = [...records.filter(({ runId }) => !freshIds.has(runId ?? '')), ...fresh];
  const reported = new Set(folders.filter((each) => each.hasReport).map((each) => each.directory));
  const runs = all.map((record) => ({
    ...record,
    hasReport: reported.has(record.directory ?? ''),
  }));
  return { runs: runs.toSorted(newestFirst), skipped };
}

function newestFirst(a: RunRecord, b: RunRecord): number {
  return Date.parse(b.startedAt) - Date.parse(a.startedAt);
}

function isUpToDate({ recordedAt }: RunRecord, { judgedAtMs }: RunFolder): boolean {
  return judgedAtMs !== undefined && Math.floor(judgedAtMs) <= Date.parse(recordedAt);
}

/** The record of a stored run, or why there is none. Fields that only the run itself could write are kept from `before`. */
async function readFolder(
  reports: string,
  { directory, judgedAtMs }: RunFolder,
  before: RunRecord | undefined,
): Promise<RunRecord | string> {
  if (judgedAtMs === undefined) return 'no result.json: the run is still going on, or was killed';
  const folder = path.join(reports, directory);
  try {
    return recordOf(await readResult(folder), {
      recordedAt: new Date(),
      suite: before?.suite ?? null,
      commit: before?.commit ?? null,
      directory,
      thresholds: await readThresholds(folder),
      matrix: before?.matrix,
    });
  } catch (error) {
    return messageOf(error).replace(`${folder}${path.sep}`, '');
  }
}

/** From the run's plan; empty when the plan cannot be read, since they are used for comparisons only. */
export async function readThresholds(folder: string): Promise<Thresholds | null> {
  try {
    const plan = JSON.parse(await readFile(path.join(folder, 'plan.json'), 'utf8')) as {
      readonly scenario?: { readonly thresholds?: unknown };
    };
    return storedThresholds.safeParse(plan.scenario?.thresholds).data ?? null;
  } catch {
    return null;
  }
}
