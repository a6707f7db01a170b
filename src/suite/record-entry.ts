import path from 'node:path';
import type { RunRecord } from '../contracts/history.ts';
import type { EntryResult, PlannedEntry } from '../contracts/suite.ts';
import { messageOf } from '../std/errors.ts';
import { appendToHistory } from '../history/runs-jsonl.ts';
import { recordOf, type RecordContext } from '../history/run-record.ts';
import { reportsFolder } from '../evidence/store/run-folders.ts';
import { readResult } from '../evidence/store/read-result.ts';

type Ended = Pick<EntryResult, 'status' | 'reason' | 'directory'>;

/**
 * An entry's line in runs.jsonl. The run itself adds the line; the suite adds one for a run that got no verdict or was
 * killed before it could. Undefined for an entry that never ran.
 */
export async function recordEntry(
  entry: PlannedEntry,
  ended: Ended,
  about: Pick<RecordContext, 'suite' | 'commit'> & {
    readonly startedAt: Date;
    readonly log: (line: string) => void;
  },
): Promise<RunRecord | undefined> {
  const { directory } = ended;
  const context: RecordContext = {
    recordedAt: new Date(),
    suite: about.suite,
    commit: about.commit,
    directory,
    thresholds: entry.plan.scenario.thresholds ?? null,
  };
  const result = await resultIn(directory);
  if (result) return recordOf(result, context);
  const record = withoutResult(entry, ended, { ...context, startedAt: about.startedAt });
  await appendToHistory(reportsFolder(), record ? [record] : []).catch((error: unknown) => {
    about.log(messageOf(error));
  });
  return record;
}

async function resultIn(directory: string | null) {
  if (directory === null) return undefined;
  // Missing or incomplete: the entry says how the run ended.
  return readResult(path.join(reportsFolder(), directory)).catch(() => undefined);
}

function withoutResult(
  { seed, set, plan }: PlannedEntry,
  { status, reason }: Ended,
  context: RecordContext & { readonly startedAt: Date },
): RunRecord | undefined {
  if (status === 'running' || status === 'notStarted') return undefined;
  return {
    schemaVersion: 1,
    recordedAt: context.recordedAt.toISOString(),
    runId: null,
    scenario: plan.scenario.name,
    backend: plan.backend,
    seed,
    overrides: [...set].sort(),
    suite: context.suite,
    startedAt: context.startedAt.toISOString(),
    durationMs: null,
    status,
    reason,
    acknowledged: null,
    lost: null,
    unexpected: null,
    failovers: null,
    outageMs: null,
    ackedPerSecond: null,
    idsPerSecond: null,
    versions: null,
    commit: context.commit,
    directory: context.directory,
    thresholds: context.thresholds,
  };
}
