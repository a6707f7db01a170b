/** What happened in an outage, and when. */
export interface PhasesSection {
  /** One per time without an acknowledged write that followed a fault, in order. Absent: an older version. */
  readonly outagePhases?: readonly OutagePhases[];
}

/** Times are milliseconds since the start of the load; those from topology are at most one reading late. */
export interface OutagePhases {
  /** Every fault that this outage followed. */
  readonly faults: readonly string[];
  /** The last acknowledgement before it, and the first after it; null: none until the end of the load. */
  readonly fromMs: number;
  readonly untilMs: number | null;
  /** In the order of their times. What was not seen is not there. */
  readonly moments: readonly OutageMoment[];
  /** From each moment that ends a part to the next. */
  readonly parts: readonly OutagePart[];
  /** Each writer's longest time without an acknowledgement, of those in which it is this outage; null: none is. */
  readonly clients: ClientOutages | null;
}

export type OutageEvent =
  | 'lastAcknowledgement'
  | 'firstError'
  | 'lockLost'
  | 'lockTaken'
  | 'promotionRequested'
  | 'recoveryEnded'
  | 'newTimeline'
  /** The new primary answered a read of the load, since it is one. */
  | 'firstRead'
  | 'firstWrite'
  /** A replica streams from the new primary; all of them do. */
  | 'replicaStreams'
  | 'fullRedundancy';

export interface OutageMoment {
  readonly what: OutageEvent;
  readonly atMs: number;
  readonly node: string | null;
  /** Of a first write: by this route alone. */
  readonly route?: string;
  readonly by: 'clients' | 'topology' | 'patroniLog' | 'postgresLog';
}

export interface OutagePart {
  /** The moment that ended it. */
  readonly until: OutageEvent;
  readonly fromMs: number;
  readonly ms: number;
  /** What it was spent on, and the setting that would shorten it; null: none is known. */
  readonly why: string;
  readonly setting: string | null;
}

export interface ClientOutages {
  readonly writers: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly mostMs: number;
}
