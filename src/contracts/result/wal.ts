/** What the WAL says that was taken of old primaries. */
export interface WalSection {
  /** In the order of the takings; null: none was taken. Absent: an older version. */
  readonly wal?: readonly OldPrimaryWal[] | null;
}

/**
 * One node's WAL past the fork, on the timeline that it had written to. Counts are null where there is a problem; writes as
 * in `writes`: one row of one operation each.
 */
export interface OldPrimaryWal {
  readonly node: string;
  /** Of the run's folder. */
  readonly folder: string;
  readonly timeline: number;
  readonly forkLsn: string | null;
  /** Where the WAL ends. */
  readonly endLsn: string | null;
  /** Transactions committed and aborted past the fork, whoever's. */
  readonly commits: number | null;
  readonly aborts: number | null;
  /**
   * What the node acknowledged there to clients of the run, as far as the taking could have it; of these, with a commit record in the
   * WAL that was taken; and lost.
   */
  readonly acknowledged: number | null;
  readonly written: number | null;
  readonly lost: number | null;
  /** Of these, updates of rows that were written again since: that they are lost shows nowhere. Absent: an older version. */
  readonly overwritten?: number | null;
  /** The first of those that were acknowledged and not written. */
  readonly missing: readonly {
    readonly writer: number;
    readonly seq: number;
    readonly lsn: string;
  }[];
  /** Why nothing is counted; null: it is. */
  readonly problem: string | null;
}
