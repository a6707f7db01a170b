import type { Durability } from './durability.ts';
import type { Timeline } from './chart-series.ts';

export type * from './chart-series.ts';

/** result.json, schemaVersion 1. Fields are added, never renamed. null: not measured, never invented. */
export interface Result {
  readonly schemaVersion: 1;
  readonly scenario: string;
  readonly claim: string;
  readonly runId: string;
  readonly seed: number;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly status: 'pass' | 'fail' | 'unknown';
  /** Why the run could not be judged in full; empty when it could. */
  readonly problems: readonly string[];
  readonly versions: {
    readonly forkpoint: string;
    readonly node: string;
    readonly postgres: string;
    readonly patroni: string;
    readonly dcs: string;
  };
  readonly backend: string;
  /** Where the load's clients ran; null when there was no cluster, or the run is of a version that did not say. */
  readonly clients: ClientPlace | null;
  readonly writes: Writes;
  /** Inserted rows alone, for people who count records: acknowledged (less those deleted), of these found on the final primary, of these not. */
  readonly records: {
    readonly inserted: number | null;
    readonly found: number | null;
    readonly lost: number | null;
  };
  readonly lossPercent: number | null;
  readonly lostRanges: readonly LostRange[];
  readonly lossPattern: LossPattern;
  /** The rows behind the numbers, where nothing is lost but something is wrong: at most 1,000. */
  readonly anomalies: readonly Anomaly[];
  readonly replicas: readonly ReplicaVerdict[];
  /** What of a gap the load was held by a fault of ours is left out of every length. */
  readonly outage: {
    readonly longestMs: number | null;
    readonly perFault: readonly FaultOutage[];
    /** When it was held, milliseconds since its start; absent when it never was. */
    readonly held?: readonly { readonly fromMs: number; readonly untilMs: number }[];
  };
  /** What was lost: acknowledged writes, the WAL that they span, and the time in which they were acknowledged. */
  readonly rpo: {
    readonly records: number | null;
    readonly bytes: number | null;
    readonly seconds: number | null;
  };
  /** From a fault to the first write acknowledged by whoever took over, the longest; null: nobody did, or nobody can tell. */
  readonly rto: {
    readonly ms: number | null;
    readonly fault?: string | null;
    /** It was the old primary itself, on a new timeline. */
    readonly isSameServer?: true;
  };
  readonly forks: readonly Fork[];
  /** How nodes whose history had forked came back; null: Patroni's logs are not there. */
  readonly rejoins: readonly Rejoin[] | null;
  /** When the lock went to a server that was never seen following its holder; null: nobody saw who held it. */
  readonly staleHolders: readonly StaleHolder[] | null;
  /** null: nobody saw the cluster's roles during the run. */
  readonly failovers: number | null;
  /** Who took over from whom; null: nobody saw. Absent: an older version. */
  readonly leaderChanges?: readonly LeaderChange[] | null;
  /** Servers that ended or started without a step of the run; null: not seen of every node. Absent: an older version. */
  readonly unplanned?: readonly UnplannedChange[] | null;
  readonly faults: readonly Injection[];
  readonly converged: {
    readonly ok: boolean | null;
    readonly reason: string | null;
    /** Each node that had not come back in time; absent where an older version ran it. */
    readonly nodes?: readonly Straggler[];
  };
  readonly phases: Readonly<
    Record<
      | 'bootMs'
      | 'seedMs'
      | 'loadMs'
      | 'healMs'
      | 'convergeMs'
      | 'readBackMs'
      | 'judgeMs'
      | 'teardownMs',
      number | null
    >
  >;
  readonly stages: {
    readonly attempted: number | null;
    readonly acknowledged: number | null;
    readonly onPrimary: number | null;
    readonly onReplicas: Readonly<Record<string, number | null>>;
  };
  readonly partitions: readonly {
    readonly name: string;
    readonly expected: number;
    readonly found: number;
    readonly lost: number;
  }[];
  readonly throughput: {
    readonly ackedPerSecond: number | null;
    readonly latencyMs: Readonly<Record<string, Latency>>;
  };
  readonly verification: {
    readonly rows: number;
    readonly nodes: number;
    readonly ms: number;
    readonly idsPerSecond: number;
  } | null;
  /** name -> value of the settings that decide durability, as the primary ran them when the load began. */
  readonly settings: Readonly<Record<string, string>>;
  /** What the cluster's settings promise; null when they were not read. */
  readonly durability: Durability | null;
  /** What was planned, in words, as `forkpoint check` prints it; null: an older version ran it. */
  readonly plan: string | null;
  /** The load over time; null when it never began. */
  readonly timeline: Timeline | null;
  /** What a check by server-made id would have said; null where the workload has none. */
  readonly byServerId: { readonly inList: number; readonly countBetween: number } | null;
  readonly structure: readonly {
    readonly node: string;
    readonly relation: string;
    readonly message: string;
  }[];
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
  };
  readonly checks: readonly CheckResult[];
  /** Runs the scenario as it is today; `replay` of the run's folder repeats the run itself. */
  readonly reproduce: string;
  /** `<scenario>/<UTC time>` below the reports folder; null: an older version ran it. */
  readonly folder: string | null;
  /** The run whose plan this one repeated; null for a run from a scenario file. */
  readonly replayOf: ReplayOrigin | null;
}

export interface ReplayOrigin {
  readonly runId: string;
  readonly startedAt: string;
}

/** A client site by name, and what it is: 'a client namespace'. */
export interface ClientPlace {
  readonly site: string;
  readonly where: string;
}

/**
 * Counted in writes: one row of one operation is one write. The fates (durable and what follows) are null when the
 * primary was not read: nothing is called lost, or not lost, without looking. What only journals know is null when a load
 * ran and none of its journals is there; when some are missing, every count is the least that it can be.
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

/** Rows from..to of a writer that are not as they should be on a node. */
export interface Anomaly {
  /** missing, extra and stale: on a replica, compared with the final primary. The others: as in `writes`. */
  readonly kind:
    'unexpected' | 'duplicated' | 'corrupted' | 'reissued' | 'missing' | 'extra' | 'stale';
  readonly node: string;
  readonly writer: number;
  readonly from: number;
  readonly to: number;
  /** unexpected: failedInsert, neverSent, ...; duplicated: how many copies; reissued: the id. Else null. */
  readonly why: string | null;
}

export interface ReplicaVerdict {
  readonly node: string;
  readonly status: 'agrees' | 'differs' | 'unverifiable';
  readonly reason: string | null;
  readonly missing: number;
  /** Rows, copies and versions that the primary has not. */
  readonly extra: number;
  readonly corrupted: number;
  /** Rows in an older version than the primary's, as a replica that lags has them. Absent: an older Forkpoint. */
  readonly stale?: number;
  readonly lagBytes: number | null;
}

export interface FaultOutage {
  readonly fault: string;
  /** Milliseconds since the start of the load. */
  readonly fromMs: number | null;
  readonly untilMs: number | null;
  /** These count from the injection. When the holder of Patroni's lock was seen without it; null: it never was. */
  readonly detectMs: number | null;
  /** When somebody held the lock again. */
  readonly electMs: number | null;
  /** The first write acknowledged after the longest time without one. */
  readonly firstAckMs: number | null;
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
  /** The last checkpoint that both have: what was changed since was copied anew. */
  readonly rewoundTo: string | null;
  /** The error of a rewind that failed. */
  readonly said: string | null;
}

/** A node that had not converged when the time was up. */
export interface Straggler {
  readonly node: string;
  /** What was seen of it then. */
  readonly state: string;
  /** Why, in words; null: nothing that was kept tells. */
  readonly cause: string | null;
  /** Its slot on the primary; null: there is none of its name, or nobody could look. */
  readonly slot: {
    readonly name: string;
    readonly isActive: boolean;
    readonly walStatus: string | null;
  } | null;
  /** The line of its log that tells the cause. */
  readonly log: string | null;
  readonly advice: string;
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

export interface Injection {
  readonly id: string;
  readonly fault: string;
  readonly targets: readonly string[];
  readonly plannedAtMs: number;
  readonly injectedAtMs: number | null;
  readonly inForceAtMs: number | null;
  readonly healedAtMs: number | null;
  /** Its injection failed, and it was seen that nothing of it came into force. Absent: that was not seen. */
  readonly isNotCarriedOut?: true;
  /** It only marks a moment. Absent: it does harm, or an older version ran it. */
  readonly isHarmless?: true;
}

export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

export interface CheckResult {
  readonly check: string;
  readonly status: 'pass' | 'fail' | 'unknown';
  readonly summary: string;
  readonly measured: unknown;
}
