/** How many writes there were, and their fates. */
export interface WritesSection {
  readonly writes: Writes;
  /** Inserted rows alone, for people who count records: acknowledged (less those deleted), of these found on the final primary, of these not. */
  readonly records: {
    readonly inserted: number | null;
    readonly found: number | null;
    readonly lost: number | null;
  };
  readonly lossPercent: number | null;
  readonly stages: {
    readonly attempted: number | null;
    readonly acknowledged: number | null;
    /** Less those that are not in the WAL that was taken of an old primary; null: none was taken that says so. Absent: an older version. */
    readonly written?: number | null;
    /** Of these, less those that their server came back without (cause `unflushed`); null: neither WAL nor such a loss shows it, or causes are not known. */
    readonly flushed?: number | null;
    readonly onPrimary: number | null;
    readonly onReplicas: Readonly<Record<string, number | null>>;
    /** Delivered by each consumer; null: unknown. Absent: the run has none, or an older version. */
    readonly atConsumers?: Readonly<Record<string, number | null>>;
  };
  readonly partitions: readonly {
    readonly name: string;
    readonly expected: number;
    readonly found: number;
    readonly lost: number;
  }[];
  /** The verdict of a check by server-made id; null if the workload has no such ids. */
  readonly byServerId: { readonly inList: number; readonly countBetween: number } | null;
  readonly errors: readonly {
    readonly sqlState: string;
    readonly outcome: string;
    readonly count: number;
  }[];
  readonly journal: {
    readonly operations: number;
    readonly cuts: readonly string[];
    /** Writers of the plan that no journal holds: the counts are of the others alone. Absent: an older version. */
    readonly missingWriters?: number;
    /** Writers whose journal does not reach its end: what they did after that is in no count. Absent: an older version. */
    readonly partialWriters?: number;
  };
}

/**
 * Counted in writes: one row of one operation is one write. The fates (durable and what follows) are null when the
 * primary was not read: nothing is called lost, or not lost, without looking. What only journals know is null when a load
 * ran and none of its journals is there; when some are missing, or do not reach their end, every count is the least that
 * it can be.
 */
export interface Writes {
  readonly attempted: number | null;
  readonly acknowledged: number | null;
  readonly localOnly: number | null;
  readonly failed: number | null;
  readonly indeterminate: number | null;
  readonly durable: number | null;
  readonly lost: number | null;
  readonly lostLocalOnly: number | null;
  readonly recovered: number | null;
  readonly dropped: number | null;
  readonly unexpected: number | null;
  readonly rejected: number | null;
  readonly duplicated: number | null;
  readonly corrupted: number | null;
  readonly reissued: number | null;
  readonly lostUpdates: number | null;
  /** Acknowledged deletes that are undone: their rows are back. Absent: an older version, which called them unexpected. */
  readonly lostDeletes?: number | null;
}
