export type OperationKind = 'insert' | 'update' | 'delete';

/** What the client knows. Never rounded towards good news: an uncertain outcome is indeterminate. */
export type Outcome = 'acknowledged' | 'localOnly' | 'failed' | 'indeterminate';

/** One journaled operation. Times are microseconds: `sentUs` since the start of the load. */
export interface OperationRecord {
  readonly kind: OperationKind;
  readonly outcome: Outcome;
  readonly writer: number;
  readonly seq: number;
  readonly count: number;
  /** 0 for inserts. */
  readonly version: number;
  /** Index into the journal header's `nodes`; undefined without a connection. */
  readonly node: number | undefined;
  /** For an acknowledged or localOnly operation; 0 if unknown. */
  readonly timeline: number;
  /** Insert position before the commit record, acknowledged and localOnly only; 0n if unknown. */
  readonly lsn: bigint;
  readonly sentUs: number;
  /** Send to answer. */
  readonly latencyUs: number;
  /** How long it waited past its intended start (open loop); 0 in closed loop. */
  readonly waitedUs: number;
  /** Five characters; '' when there is none. Failed and indeterminate only. */
  readonly sqlState: string;
}

/** An attempt of an operation that was sent again: `pausedUs` later, if the load went on. */
export interface AttemptRecord extends Omit<OperationRecord, 'waitedUs'> {
  readonly outcome: 'failed' | 'indeterminate';
  readonly pausedUs: number;
}

export interface JournalHeader {
  /** 2: it may hold attempts. */
  readonly schemaVersion: 1 | 2;
  readonly runId: string;
  readonly worker: number;
  /** Writers of this worker: first .. first+count-1. */
  readonly firstWriter: number;
  readonly writers: number;
  /** Names behind OperationRecord.node. */
  readonly nodes: readonly string[];
  /** CLOCK_MONOTONIC at the start of the load, nanoseconds as text. */
  readonly originNs: string;
}
