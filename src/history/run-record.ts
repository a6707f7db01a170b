import type { RunRecord } from '../contracts/history.ts';
import type { Result } from '../contracts/result.ts';
import type { Thresholds } from '../contracts/scenario.ts';
import { areLeast, exactWrites } from '../std/units/lower-bound.ts';
import { lostWrites } from '../std/units/lost-writes.ts';

/** Fields of a record that are not in the result. */
export interface RecordContext {
  readonly recordedAt: Date;
  readonly suite: string | null;
  readonly commit: string | null;
  readonly directory: string | null;
  readonly thresholds: Thresholds | null;
  readonly matrix?: RunRecord['matrix'] | undefined;
}

/** A run's line in runs.jsonl: enough to compare it with others when its folder is gone. */
export function recordOf(result: Result, context: RecordContext): RunRecord {
  const { runId, scenario, backend, seed, startedAt, durationMs, versions, failovers } = result;
  const writes = exactWrites(result);
  const { acknowledged, unexpected } = writes;
  return {
    schemaVersion: 1,
    recordedAt: context.recordedAt.toISOString(),
    runId,
    scenario,
    backend,
    overrides: result.overrides,
    seed,
    suite: context.suite,
    startedAt,
    durationMs,
    status: result.isInterrupted ? 'interrupted' : result.status,
    reason: result.status === 'pass' ? null : (reasonOf(result) ?? null),
    acknowledged,
    lost: lostWrites(writes),
    unexpected,
    failovers,
    outageMs: result.outage.longestMs,
    ackedPerSecond: areLeast(result) ? null : result.throughput.ackedPerSecond,
    idsPerSecond: result.verification?.idsPerSecond ?? null,
    versions,
    commit: context.commit,
    directory: context.directory,
    thresholds: context.thresholds,
    ...(context.matrix && { matrix: context.matrix }),
  };
}

/** Identifies runs of one situation: the same scenario, backend and overrides; the seed may differ. */
export function situationOf({
  scenario,
  backend,
  overrides,
}: Pick<RunRecord, 'scenario' | 'backend' | 'overrides'>): string {
  return JSON.stringify([scenario, backend, overrides]);
}

/** The first demand that does not hold, or the reason why the run was not judged. */
function reasonOf({ status, problems, checks, knownDefect }: Result): string | undefined {
  const failed = checks.filter(({ status }) => status === 'fail').map(({ summary }) => summary);
  const open = checks.filter(({ status }) => status === 'unknown').map(({ summary }) => summary);
  // The reason why a run was not judged explains its checks.
  const all = status === 'unknown' ? [...problems, ...failed, ...open] : [...failed, ...problems];
  return knownDefect === null ? all[0] : `${knownDefect}: ${all[0] ?? ''}`;
}
