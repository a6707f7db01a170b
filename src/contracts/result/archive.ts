import type { RestoreTarget } from '../archive.ts';

export interface ArchiveSection {
  /** Absent: the cluster has no archive, or an older version. */
  readonly archive?: ArchiveResult;
}

/** Whether the run's writes come back from a base backup of before the load and the archive of WAL. */
export interface ArchiveResult {
  /** Why it could not be judged; null: it was. */
  readonly reason: string | null;
  /** Files of WAL that a restore to the end reads; null: unknown. */
  readonly needed: number | null;
  /**
   * Whether it was noted who archived what: else a segment that was never archived is missing, and of two histories only what is in the
   * archive is known. Absent: nothing could be looked at, or an older version.
   */
  readonly isNoted?: boolean;
  /** What is wrong with files that it reads, and every file of which there are two histories. */
  readonly flaws: readonly ArchiveFlaw[];
  /** Files of a last segment that its timeline did not fill (`.partial`): no restore reads them by itself. */
  readonly partial: readonly string[];
  readonly restores: readonly RestoreResult[];
}

/**
 * missing: it was archived, and is not there. neverArchived: no node archived it. changed: its content is not what was archived, or
 * its header names another place. twoHistories: a node had another content of it.
 */
export type ArchiveFlawKind = 'missing' | 'neverArchived' | 'changed' | 'twoHistories';

export interface ArchiveFlaw {
  readonly kind: ArchiveFlawKind;
  /** Its name in the archive. */
  readonly segment: string;
  readonly timeline: number;
  /** Its first position; null: it is no segment, but the history of a timeline. */
  readonly lsn: string | null;
  /** Who and what, for people. */
  readonly what: string;
}

/** Counts are writes; null: the restored server, or the primary, could not be read. */
export interface RestoreResult {
  readonly to: RestoreTarget;
  /** Why it could not be judged, or did not come up; null: it was judged. */
  readonly reason: string | null;
  /** PostgreSQL itself ended the recovery, because the archive does not have what it needs. */
  readonly isRefused: boolean;
  /** Where it was to end; null: at the end of the archive. */
  readonly lsn: string | null;
  /** Where it ended; null: it did not come up. */
  readonly reachedTimeline: number | null;
  readonly reachedLsn: string | null;
  /** Of the final primary; to the fork: those that were committed before it for certain. */
  readonly expected: number | null;
  readonly missing: number | null;
  /** Not on the final primary; to the fork: or committed after it for certain. null: deletes may have taken them from the primary since. */
  readonly extra: number | null;
  readonly corrupted: number | null;
  /** The first of the missing writes. */
  readonly missingRanges: readonly {
    readonly writer: number;
    readonly from: number;
    readonly to: number;
  }[];
}
