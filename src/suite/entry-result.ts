import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Result } from '../contracts/result.ts';
import type { EntryNumbers, EntryResult, PlannedEntry } from '../contracts/suite.ts';
import { areLeast, exactWrites } from '../std/units/lower-bound.ts';
import { reportsFolder } from '../evidence/store/run-folders.ts';
import { statusOfExitCode } from './exit-codes.ts';

/** How a child process that ran an entry ended. */
export interface RunEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly hasTimedOut: boolean;
  /** Undefined when it did not get as far as having one. */
  readonly directory: string | undefined;
  /** Path of what it printed. */
  readonly log: string;
}

type Judged = Pick<EntryResult, 'status' | 'exitCode' | 'reason' | 'directory' | 'numbers'>;

/** An entry that has no run. */
export function entryWithoutRun(
  { label, group = label, scenario, seed, set, plan }: PlannedEntry,
  state: Pick<EntryResult, 'status' | 'exitCode' | 'reason'>,
): EntryResult {
  return {
    label,
    group,
    scenario,
    seed,
    backend: plan.backend,
    set,
    ...state,
    startedAtMs: null,
    durationMs: null,
    directory: null,
    log: null,
    numbers: null,
  };
}

/** What became of an entry's run: from its exit code, its result.json, and else from what it said. */
export async function judgeEntry(end: RunEnd): Promise<Judged> {
  const { directory } = end;
  const result = directory === undefined ? undefined : await readResult(directory);
  const killed = reasonWhenKilled(end);
  // Nobody judged a run that was ended from outside.
  const exitCode = killed === undefined ? (end.exitCode ?? 2) : 2;
  const status = statusOfExitCode(exitCode) ?? 'unknown';
  const reason = killed ?? (result && reasonOf(result)) ?? (await firstWords(end.log));
  return {
    status,
    exitCode,
    reason: status === 'pass' ? null : reason,
    directory: directory === undefined ? null : path.relative(reportsFolder(), directory),
    numbers: result === undefined ? null : numbersOf(result),
  };
}

function reasonWhenKilled({ exitCode, signal, hasTimedOut }: RunEnd): string | undefined {
  if (hasTimedOut) return 'the run did not end in its time, and was ended';
  if (exitCode !== undefined && statusOfExitCode(exitCode) !== undefined) return undefined;
  const by = signal ?? (exitCode === undefined ? 'nobody knows what' : `exit code ${exitCode}`);
  return `the run's process was ended by ${by}`;
}

async function readResult(directory: string): Promise<Result | undefined> {
  try {
    return JSON.parse(await readFile(path.join(directory, 'result.json'), 'utf8')) as Result;
  } catch {
    // There is none, or it is cut: the exit code says how the run ended.
    return undefined;
  }
}

function reasonOf({ problems, checks }: Result): string | undefined {
  const failed = checks.filter(({ status }) => status === 'fail');
  const open = checks.filter(({ status }) => status === 'unknown');
  const [first] = [...failed.map(({ summary }) => summary), ...problems];
  return first ?? open[0]?.summary;
}

/** The first line that is neither progress nor a stack: what the run said instead of a result. */
async function firstWords(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trimEnd());
  return lines.find((line) => line !== '' && !/^ +(\d+\.\d s|at) /.test(line))?.trim() ?? '';
}

function numbersOf(result: Result): EntryNumbers {
  const { runId, startedAt, lossPercent, failovers, versions, throughput } = result;
  const isLeast = areLeast(result);
  const writes = exactWrites(result);
  const { attempted, acknowledged, lostLocalOnly, unexpected, indeterminate } = writes;
  return {
    runId,
    startedAt,
    lossPercent,
    failovers,
    versions,
    attempted,
    acknowledged,
    lostLocalOnly,
    unexpected,
    indeterminate,
    lost: isLeast ? null : result.rpo.records,
    outageMs: result.outage.longestMs,
    ackedPerSecond: isLeast ? null : throughput.ackedPerSecond,
    idsPerSecond: result.verification?.idsPerSecond ?? null,
  };
}
