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
  /** Undefined when the run ended before it had one. */
  readonly directory: string | undefined;
  /** The error that it ended with; undefined when it ended without one, or was killed. */
  readonly failure: string | undefined;
}

type Judged = Pick<EntryResult, 'status' | 'exitCode' | 'reason' | 'directory' | 'numbers'>;

/** For an entry without a run. */
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

/** The outcome of an entry's run: from its exit code, its result.json, and without one the error it ended with. */
export async function judgeEntry(end: RunEnd): Promise<Judged> {
  const { directory } = end;
  const result = directory === undefined ? undefined : await readResult(directory);
  const killed = reasonWhenKilled(end);
  // A run that was killed from outside has no verdict.
  const exitCode = killed === undefined ? (end.exitCode ?? 2) : 2;
  const status = statusOfExitCode(exitCode) ?? 'unknown';
  const reason = killed ?? (result && reasonOf(result)) ?? reasonWithoutResult(end);
  return {
    status,
    exitCode,
    reason: status === 'pass' ? null : reason,
    directory: directory === undefined ? null : path.relative(reportsFolder(), directory),
    numbers: result === undefined ? null : numbersOf(result),
  };
}

function reasonWhenKilled({ exitCode, signal, hasTimedOut }: RunEnd): string | undefined {
  if (hasTimedOut) return 'the run exceeded its time limit and was ended';
  if (exitCode !== undefined && statusOfExitCode(exitCode) !== undefined) return undefined;
  const by = signal ?? (exitCode === undefined ? 'an unknown cause' : `exit code ${exitCode}`);
  return `the run's process was ended by ${by}`;
}

async function readResult(directory: string): Promise<Result | undefined> {
  try {
    return JSON.parse(await readFile(path.join(directory, 'result.json'), 'utf8')) as Result;
  } catch {
    // Missing or incomplete: the exit code says how the run ended.
    return undefined;
  }
}

function reasonOf({ problems, checks, knownDefect }: Result): string | undefined {
  const failed = checks.filter(({ status }) => status === 'fail');
  const open = checks.filter(({ status }) => status === 'unknown');
  const [first] = [...failed.map(({ summary }) => summary), ...problems];
  const reason = first ?? open[0]?.summary;
  return knownDefect === null ? reason : `${knownDefect}: ${reason ?? ''}`;
}

function reasonWithoutResult({ failure, exitCode }: RunEnd): string {
  const [first] = failure?.split('\n') ?? [];
  return first ?? `the run ended with exit code ${exitCode ?? 'unknown'} and without a result`;
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
