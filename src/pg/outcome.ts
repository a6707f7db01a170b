import type { Outcome } from '../contracts/evidence.ts';
import { SqlError, type Notice } from './session.ts';
import { sqlStateOf } from './sqlstates.ts';

export interface Judgement {
  readonly outcome: Outcome;
  /** '' for an acknowledged write, and when no server answered. */
  readonly sqlState: string;
}

/** The journaled SQLSTATE of an UPDATE or DELETE that found no row: SQL's own code for "no data". */
export const noData = '02000';

const acknowledged: Judgement = { outcome: 'acknowledged', sqlState: '' };
const localOnly: Judgement = { outcome: 'localOnly', sqlState: '' };

/**
 * What the client knows of a statement that was sent and failed.
 * Everything that `sqlstates.ts` does not list is indeterminate.
 */
export function outcomeOfError(error: unknown): Judgement {
  if (!(error instanceof SqlError)) return { outcome: 'indeterminate', sqlState: '' };
  const { sqlState, severity } = error;
  // FATAL and PANIC may come after the commit record is written: a full disk under pg_wal is a PANIC with 53100. The
  // driver has only the translated word, so a severity in another language is not trusted either.
  const isPlainError = severity === 'ERROR';
  return { outcome: isPlainError ? sqlStateOf(sqlState).outcome : 'indeterminate', sqlState };
}

/**
 * What the client knows of a statement that succeeded.
 * `touched`: rows the server reports as written; `expected`: rows the statement was to write.
 */
export function outcomeOfAnswer(answer: {
  readonly touched: number;
  readonly expected: number;
  readonly wasSyncWaitCanceled: boolean;
}): Judgement {
  if (answer.touched === 0) return { outcome: 'failed', sqlState: noData };
  // Neither all nor none: something in the database changes what is written (a trigger, a rule).
  if (answer.touched !== answer.expected) return { outcome: 'indeterminate', sqlState: '' };
  return answer.wasSyncWaitCanceled ? localOnly : acknowledged;
}

/**
 * A COMMIT succeeds with this warning when its wait for a standby is cancelled: the row is on the primary only.
 * Not a plain acknowledgement, or failover is blamed for the cancel. The text is translated, the C function's name
 * is not.
 * Source: PostgreSQL, syncrep.c, SyncRepWaitForLSN.
 */
export function isSyncWaitCanceled(notice: Notice): boolean {
  return notice.sqlState === '01000' && notice.routine === 'SyncRepWaitForLSN';
}
