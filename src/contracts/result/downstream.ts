import type { ConsumerKind } from '../downstream.ts';
import type { OperationKind } from '../evidence/journal.ts';

/** What became of the writes on their way out of the cluster. */
export interface DownstreamSection {
  /** Absent: the scenario has no consumers, or an older version. */
  readonly downstream?: readonly DownstreamResult[];
}

/** Where a write was lost on its way: its slot no longer had it, the consumer never delivered it, the sink had it and lost it. */
export type LostAt = 'slot' | 'consumer' | 'sink';

/** One consumer. Counts are writes; null: its sink, or the primary, could not be read. */
export interface DownstreamResult {
  readonly name: string;
  /** Absent: `cdc`, from a version that knew no other. */
  readonly consumer?: ConsumerKind;
  /** Why it could not be judged; null: it was. */
  readonly reason: string | null;
  /** On the history of the final primary for certain: each should be in the sink once. */
  readonly expected: number | null;
  readonly delivered: number | null;
  readonly missing: number | null;
  /** Of the missing ones; their sum. null: the sink keeps no positions either. */
  readonly missingAt: Readonly<Record<LostAt, number>> | null;
  /** Of the missing ones: the consumer confirmed a position beyond them, and named no gap that holds them. null: it confirms none that we see. */
  readonly skipped: number | null;
  /** Deliveries beyond the first of each write. */
  readonly duplicates: number | null;
  /** Delivered after a write that was committed later. null: the sink keeps no order either. */
  readonly outOfOrder: number | null;
  readonly corrupted: number | null;
  /** Delivered, and not on the history of the final primary. */
  readonly phantoms: number | null;
  /**
   * Writes of which it cannot be known whether they are on the history of the final primary, or whether the sink has had them: not
   * among the expected, the missing and the phantoms. Absent: an older version.
   */
  readonly uncertain?: number | null;
  /** Rows whose last state in the sink is not theirs on the final primary. Absent: the load only inserts, or an older version. */
  readonly differing?: number | null;
  /** From the acknowledgement to the sink's commit, of the slowest; a missing write has waited until the sink was read. null: none was acknowledged, or unknown. */
  readonly longestLagMs: number | null;
  /** What the consumer said it cannot deliver. */
  readonly gaps: readonly {
    readonly fromLsn: string;
    readonly toLsn: string;
    readonly why: string;
  }[];
  /** The first of the missing writes. */
  readonly missingRanges: readonly MissingRange[];
  /** The first of what was delivered otherwise than once, in order and unharmed; absent: an older version. */
  readonly anomalies?: readonly DeliveryAnomaly[];
  /** How far the sink has come by its own word. */
  readonly confirmedLsn: string | null;
  /** How often it was started. */
  readonly starts: number;
  /** Why it ended by itself; null: it did not. */
  readonly stopped: string | null;
  /** What was seen of it over time. Absent: it is no process of ours, or an older version. */
  readonly course?: ConsumerCourse;
}

/** Times are milliseconds since the start of the load. */
export interface ConsumerCourse {
  /** In the order of their times; where there is none, its state is not known. */
  readonly spans: readonly ConsumerSpan[];
  /** Each second in which its sink committed something, by its own word; null: it says nothing of it. */
  readonly deliveries: readonly ConsumerDeliveries[] | null;
  /** When it named each of its gaps. */
  readonly gapsAtMs: readonly number[];
}

/** up: its process runs. sourceAway and sinkAway: it runs, and waits for that to come back. frozen: SIGSTOP. down: there is no process. */
export type ConsumerState = 'up' | 'sourceAway' | 'sinkAway' | 'frozen' | 'down';

export interface ConsumerSpan {
  readonly state: ConsumerState;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ConsumerDeliveries {
  readonly fromMs: number;
  readonly batches: number;
  readonly changes: number;
}

/** A write that was delivered in both of two ways has an anomaly of each. */
export type DeliveryFlaw = 'duplicated' | 'outOfOrder' | 'corrupted' | 'phantom';

export interface DeliveryAnomaly extends WriteRange {
  readonly kind: DeliveryFlaw;
}

/** Writes of one kind: inserts or deletes of the rows from..to, or updates of one row. */
export interface WriteRange {
  readonly writer: number;
  readonly from: number;
  readonly to: number;
  /** Absent: inserts. */
  readonly operation?: Exclude<OperationKind, 'insert'>;
  /** Of updates: the first and the last. */
  readonly versions?: readonly [first: number, last: number];
}

export interface MissingRange extends WriteRange {
  readonly at: LostAt | 'unknown';
}
