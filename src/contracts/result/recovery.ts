/** How nodes came back, and which did not. */
export interface RecoverySection {
  /** How diverged nodes came back; null: Patroni's logs are missing. */
  readonly rejoins: readonly Rejoin[] | null;
  readonly converged: {
    readonly ok: boolean | null;
    readonly reason: string | null;
    /** Each node that had not come back in time; absent where an older version ran it. */
    readonly nodes?: readonly Straggler[];
  };
}

/** One pg_rewind or one new clone after the node's first. */
export interface Rejoin {
  readonly node: string;
  readonly how: 'rewound' | 'rewindFailed' | 'cloned';
  /** ISO 8601, by the node's own clock. */
  readonly at: string;
  /** The member it was rewound from. */
  readonly from: string | null;
  readonly ms: number | null;
  /** Where pg_rewind found the histories to part. */
  readonly forkTimeline: number | null;
  readonly forkLsn: string | null;
  /** The last checkpoint that both have: blocks changed since then were copied again. */
  readonly rewoundTo: string | null;
  /** The error of a rewind that failed. */
  readonly said: string | null;
}

/** A node that had not converged when the time was up. */
export interface Straggler {
  readonly node: string;
  /** What was seen of it then. */
  readonly state: string;
  /** Why, in words; null: unknown from the stored evidence. */
  readonly cause: string | null;
  /** Its slot on the primary; null: there is none of its name, or it was not read. */
  readonly slot: {
    readonly name: string;
    readonly isActive: boolean;
    readonly walStatus: string | null;
  } | null;
  /** The line of its log that tells the cause. */
  readonly log: string | null;
  readonly advice: string;
}
