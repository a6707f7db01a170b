import type { Outcome } from '../contracts/evidence.ts';
import { SqlError, type Notice } from './session.ts';

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
 * SQLSTATE classes in which an ERROR proves that a single autocommit statement left nothing behind. All of them
 * are raised while the transaction can still roll back; an ERROR after the commit record was written would have
 * become a PANIC (PostgreSQL, xact.c: "cannot abort transaction, it was already committed").
 */
const failedClasses: Readonly<Record<string, string>> = {
  '02': 'no data: the statement found nothing to change',
  '0A': 'feature not supported: refused before it ran',
  '21': 'cardinality violation: raised while the statement ran',
  '22': 'data exception: raised while the statement ran',
  '23': 'integrity constraint, deferred ones too: those are checked before the commit record',
  '25': 'invalid transaction state, above all 25006: a server in recovery or read-only refuses to write',
  '26': 'unknown prepared statement: refused before it ran',
  '28': 'authorization: refused before it ran',
  '2B': 'dependent objects exist: raised while the statement ran',
  '3D': 'no such database: refused before it ran',
  '3F': 'no such schema: refused before it ran',
  '40': 'transaction rollback: serialization failure, deadlock; rolled back by definition (but see 40003)',
  '42': 'syntax or access rule: refused before it ran',
  '44': 'WITH CHECK OPTION: raised while the statement ran',
  '53': 'insufficient resources (disk, memory, connections): a full disk at commit is a PANIC, not an ERROR',
  '54': 'program limit exceeded: raised while the statement ran',
  '55': 'object not in prerequisite state, lock not available: raised before the change',
  '72': 'snapshot too old: raised while the statement ran',
  P0: 'raised by a trigger or function: part of the same transaction',
};

/** Codes that mean something else than their class. */
const exceptions: Readonly<Record<string, 'failed' | 'indeterminate'>> = {
  // statement_completion_unknown: as the name says.
  '40003': 'indeterminate',
  // The session ended, the statement was not refused: there is no answer to the statement.
  '25P03': 'indeterminate',
  '25P04': 'indeterminate',
  // query_canceled, also by statement_timeout: as an ERROR it rolled back. A cancel that comes while the commit
  // waits for a standby is a WARNING instead, see isSyncWaitCanceled. The rest of class 57 ends the session.
  '57014': 'failed',
};

/**
 * What the client knows of a statement that was sent and failed.
 * Everything not listed is indeterminate: 08 (the connection), 57P01-57P05 (the session ended), 58 and XX (the server
 * does not know itself), errors that no server reported (deadline, reset, broken socket), and any new code.
 */
export function outcomeOfError(error: unknown): Judgement {
  if (!(error instanceof SqlError)) return { outcome: 'indeterminate', sqlState: '' };
  const { sqlState, severity } = error;
  // FATAL and PANIC may come after the commit record is written: a full disk under pg_wal is a PANIC with 53100. The
  // driver has only the translated word, so a severity in another language is not trusted either.
  const isPlainError = severity === 'ERROR';
  const isFailed =
    isPlainError && (exceptions[sqlState] ?? classVerdict(sqlState.slice(0, 2))) === 'failed';
  return { outcome: isFailed ? 'failed' : 'indeterminate', sqlState };
}

function classVerdict(sqlClass: string): 'failed' | 'indeterminate' {
  return Object.hasOwn(failedClasses, sqlClass) ? 'failed' : 'indeterminate';
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
