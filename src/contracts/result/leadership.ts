/** Which node led when, and where timelines forked. */
export interface LeadershipSection {
  readonly forks: readonly Fork[];
  /** When the lock went to a server that was never seen following its holder; null: the lock's holders are unknown. */
  readonly staleHolders: readonly StaleHolder[] | null;
  /** When the lock went from one primary to another without a promotion or a time in which it was free. Absent: an older version. */
  readonly lockThefts?: readonly LockTheft[];
  /** When two nodes at once were primary; null: the roles were not seen all the time. Absent: an older version. */
  readonly splitBrains?: readonly SplitBrain[] | null;
  /** null: the cluster's roles were not seen during the run. */
  readonly failovers: number | null;
  /** Which node took over from which; null: not seen. Absent: an older version. */
  readonly leaderChanges?: readonly LeaderChange[] | null;
  /** Servers that ended or started without a step of the run; null: not seen of every node. Absent: an older version. */
  readonly unplanned?: readonly UnplannedChange[] | null;
  /** When a source besides the servers gave no answer. Absent: there was no such time, or an older version. */
  readonly unseen?: readonly UnseenStretch[];
}

/** Times are milliseconds since the start of the load, by roles read several times a second. */
export interface SplitBrain {
  /** All that were primary in it, at least two at any time. */
  readonly nodes: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
  /**
   * Writes acknowledged meanwhile, by each server that acknowledged any; the node is null where a proxy hid it. null: journals are
   * missing.
   */
  readonly acknowledged: readonly AcknowledgedBy[] | null;
}

export interface AcknowledgedBy {
  readonly node: string | null;
  readonly writes: number;
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
  /** ended: and was not seen to start again. crashed: its postmaster ended all its processes and restarted them. */
  readonly what: 'ended' | 'restarted' | 'crashed';
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Milliseconds since the start of the load. */
export interface UnseenStretch {
  /** 'the API server of Kubernetes' */
  readonly source: string;
  /** What was not seen meanwhile, as a part of a sentence. */
  readonly what: string;
  readonly fromMs: number;
  /** null: it gave no answer until the end of the run. */
  readonly untilMs: number | null;
  /** Nodes whose machine was replaced meanwhile; null: unknown. What they were in between was not seen. */
  readonly replaced: readonly string[] | null;
}

/** The lock went to a primary that was never seen following its previous holder. */
export interface StaleHolder {
  readonly node: string;
  /** The previous holder, and the timeline it wrote on: its acknowledged writes there are lost. */
  readonly before: string;
  readonly timeline: number;
  /** When the lock was first seen to be its own, milliseconds since the start of the load. */
  readonly atMs: number;
}

/** A new primary, or the same one promoted again. */
export interface LeaderChange {
  readonly node: string;
  readonly before: string;
  /** Of `node`, then. */
  readonly timeline: number;
  /** When it was first seen so, milliseconds since the start of the load. */
  readonly atMs: number;
  /**
   * failover: promoted without a request by a fault; asked: requested by a fault; repromotion: `node` and `before` are the same;
   * lockTaken: it got the lock of a primary on the same or a later timeline.
   */
  readonly how: 'failover' | 'asked' | 'repromotion' | 'lockTaken';
}

/** Times are milliseconds since the start of the load, and at most one reading late. */
export interface LockTheft {
  /** Who held the lock, since when, and the timeline that it wrote on; at the reading before, it was a primary there. */
  readonly holder: string;
  readonly heldFromMs: number;
  readonly timeline: number;
  /** Who has it since then, without a time in which it was free. */
  readonly thief: string;
  readonly atMs: number;
}
