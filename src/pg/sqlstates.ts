/** What a client knows of a statement that was refused, and whether the same statement may succeed a moment later. */
export interface SqlState {
  /** Five characters, or the first two: a whole class. */
  readonly code: string;
  /** PostgreSQL's name of the condition or of the class. */
  readonly name: string;
  /** As a plain ERROR. FATAL and PANIC are indeterminate, whatever the code. */
  readonly outcome: 'failed' | 'indeterminate';
  /** An application that sends the same transaction again, on a connection that works, may succeed. */
  readonly isTransient: boolean;
  readonly why: string;
}

type Row = readonly [code: string, name: string, why: string];

function rows(
  outcome: SqlState['outcome'],
  isTransient: boolean,
  all: readonly Row[],
): readonly SqlState[] {
  return all.map(([code, name, why]) => ({ code, name, outcome, isTransient, why }));
}

/**
 * Every SQLSTATE that is not simply unknown; a code goes before its class.
 * `failed` are those in which an ERROR proves that the transaction left nothing behind: they are raised while it can still roll
 * back, and an ERROR after the commit record was written would have become a PANIC (PostgreSQL, xact.c: "cannot abort
 * transaction, it was already committed").
 */
export const sqlStates: readonly SqlState[] = [
  ...rows('failed', true, [
    ['25006', 'read_only_sql_transaction', 'the server is in recovery: another one is the primary'],
    ['40', 'transaction rollback', 'rolled back by definition'],
    ['40001', 'serialization_failure', 'another transaction came first, or recovery canceled it'],
    ['40P01', 'deadlock_detected', 'the other transaction goes on'],
    ['53', 'insufficient resources', 'a full disk at commit is a PANIC, not an ERROR'],
    ['53100', 'disk_full', 'there may be space again'],
    ['53200', 'out_of_memory', 'there may be memory again'],
    ['53300', 'too_many_connections', 'as an ERROR; the refusal of a connection is FATAL'],
    ['55006', 'object_in_use', 'it may be free again'],
    ['55P03', 'lock_not_available', 'raised before the change; the lock may be free again'],
    ['72', 'snapshot too old', 'a new transaction has a new snapshot'],
  ]),
  ...rows('failed', false, [
    ['02', 'no data', 'the statement found nothing to change'],
    ['0A', 'feature not supported', 'refused before it ran'],
    ['21', 'cardinality violation', 'raised while it ran'],
    ['22', 'data exception', 'raised while it ran'],
    ['23', 'integrity constraint violation', 'deferred ones are checked before the commit record'],
    [
      '23505',
      'unique_violation',
      'after an indeterminate attempt its own row may be the other one',
    ],
    ['25', 'invalid transaction state', 'refused before it ran'],
    ['25P02', 'in_failed_sql_transaction', 'an earlier statement of the transaction failed'],
    ['26', 'invalid SQL statement name', 'refused before it ran'],
    ['28', 'invalid authorization specification', 'refused before it ran'],
    ['2B', 'dependent privilege descriptors still exist', 'raised while it ran'],
    ['3D', 'invalid catalog name', 'refused before it ran'],
    ['3F', 'invalid schema name', 'refused before it ran'],
    ['40002', 'transaction_integrity_constraint_violation', 'the same rows violate it again'],
    ['42', 'syntax error or access rule violation', 'refused before it ran'],
    ['44', 'WITH CHECK OPTION violation', 'raised while it ran'],
    ['54', 'program limit exceeded', 'raised while it ran'],
    ['55', 'object not in prerequisite state', 'raised before the change'],
    [
      '57014',
      'query_canceled',
      'also by statement_timeout; a cancel while the commit waits for a standby is a WARNING',
    ],
    ['P0', 'PL/pgSQL error', 'raised by a trigger or function, in the same transaction'],
  ]),
  ...rows('indeterminate', true, [
    ['', 'no SQLSTATE', 'no server answered: deadline, reset, broken connection'],
    ['08', 'connection exception', 'the answer never came'],
    [
      '25P03',
      'idle_in_transaction_session_timeout',
      'the session ended; the statement was not refused',
    ],
    ['25P04', 'transaction_timeout', 'the session ended; the statement was not refused'],
    ['40003', 'statement_completion_unknown', 'as the name says'],
    ['57P01', 'admin_shutdown', 'the session ended, perhaps while the commit waited for a standby'],
    ['57P02', 'crash_shutdown', 'another process of the server crashed'],
    ['57P03', 'cannot_connect_now', 'the server starts, stops or recovers'],
    ['57P05', 'idle_session_timeout', 'the session ended'],
    ['58', 'system error', 'the server does not know itself'],
  ]),
  ...rows('indeterminate', false, [
    ['57', 'operator intervention', 'the session ended'],
    ['57P04', 'database_dropped', 'it does not come back'],
    ['XX', 'internal error', 'the server does not know itself'],
  ]),
];

const byCode = new Map(sqlStates.map((row) => [row.code, row]));
const unknown: SqlState = {
  code: '',
  name: 'unknown',
  outcome: 'indeterminate',
  isTransient: false,
  why: 'a code that is not listed proves nothing',
};

/** The row of a code, else of its class. */
export function sqlStateOf(code: string): SqlState {
  return (
    byCode.get(code) ?? (code.length === 5 ? byCode.get(code.slice(0, 2)) : undefined) ?? unknown
  );
}
