/** Which acknowledged writes are lost, and why. */
export interface LossSection {
  /** By writer and row: at most 1,000. Where there are more, the file that `lossSummary` names has all of them. */
  readonly lostRanges: readonly LostRange[];
  /** Of every lost range. Absent: an older version, whose `lostRanges` are all there are. */
  readonly lossSummary?: LossSummary;
  readonly lossPattern: LossPattern;
  /** What was lost: acknowledged writes, the WAL that they span, and the time in which they were acknowledged. */
  readonly rpo: {
    readonly records: number | null;
    readonly bytes: number | null;
    readonly seconds: number | null;
  };
}

/** All lost ranges, named or not. */
export interface LossSummary {
  readonly ranges: number;
  /** The file of the run's folder that has every range, one a line; null: `lostRanges` has them all. */
  readonly file: string | null;
  /** In the order of their first range. */
  readonly places: readonly LostPlace[];
  /** Whether they prove that more is gone than the settings promise to lose; false where there is no such bound. */
  readonly isBeyondPromise: boolean;
}

/** What one node acknowledged on one timeline, and is gone for one cause. */
export interface LostPlace {
  readonly node: string | null;
  readonly timeline: number | null;
  readonly cause: LossCause | null;
  readonly ranges: number;
  /** Rows, and versions of rows. */
  readonly writes: number;
  /** Of an update's versions, some in between may never have been acknowledged: `writes` are at most so many. */
  readonly isAtMost?: true;
  /** First and last acknowledgement, milliseconds since the start of the load. */
  readonly ackedAtMs: readonly [number, number];
  /** Lowest and highest insert position; null where one is not known. */
  readonly lsn: readonly [string, string] | null;
}

export type LossPattern =
  | { readonly kind: 'none' | 'tail' | 'scattered' }
  | { readonly kind: 'periodic'; readonly modulus: number; readonly remainder: number };

export type LossCause =
  | 'forked'
  | 'boundary'
  | 'localOnly'
  | 'equalTimelineFork'
  /** Another primary took the lock from the one that had acknowledged it: `lockThefts` names both. */
  | 'lockTheft'
  | 'unflushed'
  /** The table is unlogged, and PostgreSQL emptied it. */
  | 'unlogged'
  | 'unexplained';

export interface LostRange {
  readonly writer: number;
  readonly from: number;
  readonly to: number;
  /** insert: rows that are gone; update: versions of row `from` that are gone (then from === to); delete: undone. */
  readonly kind: 'insert' | 'update' | 'delete';
  /** Of an update: first and last version that are gone. */
  readonly versions?: readonly [from: number, to: number];
  /** First and last acknowledgement, milliseconds since the start of the load. */
  readonly ackedAtMs: readonly [number, number];
  readonly node: string | null;
  readonly timeline: number | null;
  readonly lsn: readonly [string, string] | null;
  readonly cause: LossCause | null;
}
