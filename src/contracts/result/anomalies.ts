/** What is there, on the primary or on a replica, and not as it should be. */
export interface AnomalySection {
  /** The rows behind the numbers, where nothing is lost but something is wrong: at most 1,000. */
  readonly anomalies: readonly Anomaly[];
  readonly replicas: readonly ReplicaVerdict[];
  readonly structure: readonly {
    readonly node: string;
    readonly relation: string;
    readonly message: string;
  }[];
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
  readonly reason: string | null;
  readonly missing: number;
  /** Rows, copies and versions that the primary has not. */
  readonly extra: number;
  readonly corrupted: number;
  /** Rows in an older version than the primary's, as a replica that lags has them. Absent: an older Forkpoint. */
  readonly stale?: number;
  readonly lagBytes: number | null;
}
