import type { Operation } from '../contracts/workload.ts';
import { parseLsn } from '../pg/lsn.ts';
import {
  isSyncWaitCanceled,
  outcomeOfAnswer,
  outcomeOfError,
  type Judgement,
} from '../pg/outcome.ts';
import type { Answer } from '../pg/session.ts';
import { HarnessBug } from '../std/errors.ts';
import { NotCommitted } from './send-operation.ts';

/** One row of what a workload's statement returns; see Operation.statement. */
export interface WriteRow {
  readonly lsn: string;
  readonly timeline: string;
  readonly touched: number;
  readonly ids?: readonly string[];
}

/** What a client knows of an operation, and where it was written. */
export interface Answered extends Judgement {
  readonly timeline: number;
  readonly lsn: bigint;
  readonly ids: readonly string[];
}

const nothing = { timeline: 0, lsn: 0n, ids: [] };

/** `wasSyncWaitCanceled`: by a notice that does not come with the answer. */
export function answeredBy(
  answer: Answer<WriteRow> | Error,
  { count }: Operation,
  wasSyncWaitCanceled = false,
): Answered {
  if (answer instanceof NotCommitted) {
    return { outcome: 'failed', sqlState: answer.sqlState, ...nothing };
  }
  if (answer instanceof Error) return { ...outcomeOfError(answer), ...nothing };
  const { rows, notices } = answer;
  const { outcome, sqlState } = outcomeOfAnswer({
    touched: touchedBy(rows),
    expected: count,
    wasSyncWaitCanceled: wasSyncWaitCanceled || notices?.some(isSyncWaitCanceled) === true,
  });
  const row = rows[0];
  if (!row || (outcome !== 'acknowledged' && outcome !== 'localOnly')) {
    return { outcome, sqlState, ...nothing };
  }
  const timeline = Number.parseInt(row.timeline, 16);
  return { outcome, sqlState, timeline, lsn: parseLsn(row.lsn), ids: row.ids ?? nothing.ids };
}

function touchedBy(rows: readonly WriteRow[]): number {
  let touched = 0;
  for (const row of rows) touched += row.touched;
  if (Number.isInteger(touched)) return touched;
  throw new HarnessBug('a workload statement did not return how many rows it touched');
}
