/** Which acknowledged writes are gone, and why. */
export interface LossSection {
  readonly lostRanges: readonly LostRange[];
  readonly lossPattern: LossPattern;
  /** What was lost: acknowledged writes, the WAL that they span, and the time in which they were acknowledged. */
  readonly rpo: {
    readonly records: number | null;
    readonly bytes: number | null;
    readonly seconds: number | null;
  };
}

export type LossPattern =
  | { readonly kind: 'none' | 'tail' | 'scattered' }
  | { readonly kind: 'periodic'; readonly modulus: number; readonly remainder: number };

export type LossCause =
  'forked' | 'boundary' | 'localOnly' | 'equalTimelineFork' | 'unflushed' | 'unexplained';

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
