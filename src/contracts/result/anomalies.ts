import type { Json } from '../json.ts';

/** What is there, on the primary or on a replica, and not as it should be. */
export interface AnomalySection {
  /** The rows behind the numbers, where nothing is lost but something is wrong: at most 1,000. */
  readonly anomalies: readonly Anomaly[];
  readonly replicas: readonly ReplicaVerdict[];
  /** What the workload says must hold, on every node. Absent: it says nothing, or an older Forkpoint. */
  readonly invariants?: readonly InvariantVerdict[];
  readonly structure: readonly {
    readonly node: string;
    readonly relation: string;
    readonly message: string;
  }[];
}

export interface InvariantVerdict {
  readonly node: string;
  readonly name: string;
  readonly says: string;
  readonly status: 'holds' | 'broken' | 'unknown';
  /** Rows that break it; null: not known. */
  readonly breaches: number | null;
  /** The first of these rows. */
  readonly examples: readonly Json[];
  /** Why it is not known. */
  readonly reason: string | null;
}

/** Rows from..to of a writer that are not as they should be on a node. */
export interface Anomaly {
  /** missing, extra and stale: on a replica, compared with the final primary. The others: as in `writes`. */
  readonly kind:
    'unexpected' | 'duplicated' | 'corrupted' | 'reissued' | 'missing' | 'extra' | 'stale';
  readonly node: string;
  readonly writer: number;
  readonly from: number;
  readonly to: number;
  /** unexpected: failedInsert, neverSent, ...; duplicated: how many copies; reissued: the id. Else null. */
  readonly why: string | null;
}

export interface ReplicaVerdict {
  readonly node: string;
  readonly status: 'agrees' | 'differs' | 'unverifiable';
  /** Why it could not be read, or that it stands on another history than the primary. */
  readonly reason: string | null;
  readonly missing: number;
  /** Rows, copies and versions that the primary has not. */
  readonly extra: number;
  readonly corrupted: number;
  /** Rows in an older version than the primary's, as a replica that lags has them. Absent: an older Forkpoint. */
  readonly stale?: number;
  readonly lagBytes: number | null;
}
