/** Who led when, and where histories parted. */
export interface LeadershipSection {
  readonly forks: readonly Fork[];
  /** When the lock went to a server that was never seen following its holder; null: nobody saw who held it. */
  readonly staleHolders: readonly StaleHolder[] | null;
  /** null: nobody saw the cluster's roles during the run. */
  readonly failovers: number | null;
  /** Who took over from whom; null: nobody saw. Absent: an older version. */
  readonly leaderChanges?: readonly LeaderChange[] | null;
  /** Servers that ended or started without a step of the run; null: not seen of every node. Absent: an older version. */
  readonly unplanned?: readonly UnplannedChange[] | null;
}

export interface Fork {
  readonly parentTimeline: number;
  readonly timeline: number;
  readonly lsn: string;
  readonly oldPrimary: string | null;
  readonly newPrimary: string | null;
  /** First write acknowledged on the new timeline, milliseconds since the start of the load. Absent: an older version. */
  readonly takenOverAtMs?: number | null;
  readonly divergentBytes: number | null;
}

/** It happened between the two times, milliseconds since the start of the load. */
export interface UnplannedChange {
  readonly node: string;
  /** ended: and was not seen to start again. crashed: its postmaster ended all its processes and started them anew. */
  readonly what: 'ended' | 'restarted' | 'crashed';
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The lock went to a primary that was never seen following the one which held it before. */
export interface StaleHolder {
  readonly node: string;
  /** Whoever held it before, and the timeline it wrote on: what it acknowledged there is gone. */
  readonly before: string;
  readonly timeline: number;
  /** Milliseconds since the start of the load. */
  readonly atMs: number;
}

/** Another primary than before, or the same one promoted anew. */
export interface LeaderChange {
  readonly node: string;
  readonly before: string;
  /** Of `node`, then. */
  readonly timeline: number;
  /** When it was first seen so, milliseconds since the start of the load. */
  readonly atMs: number;
  /**
   * failover: promoted though no fault had asked for it; asked: by a fault; repromotion: `node` and `before` are one;
   * lockTaken: it got the lock of a primary on the same or a later timeline.
   */
  readonly how: 'failover' | 'asked' | 'repromotion' | 'lockTaken';
}
