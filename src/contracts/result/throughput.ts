import type { Timeline } from '../chart-series.ts';

/** How fast it all was. */
export interface ThroughputSection {
  readonly throughput: {
    readonly ackedPerSecond: number | null;
    /** Operations, without the time in which a fault held the load; absent: no rate was planned, or an older version. */
    readonly planned?: { readonly perSecond: number; readonly sentPerSecond: number | null };
    /** Of a load that ends after a number of operations; absent: it had none, or an older version. */
    readonly operations?: { readonly asked: number; readonly done: number | null };
    /** What was due in it, which is in no other figure here; writes are rows. Absent: there was none, or an older version. */
    readonly warmup?: {
      readonly ms: number;
      readonly operations: number;
      readonly acknowledged: number;
    };
    /** Of a load that was to find it; null: not measured. Absent: no such load, or an older version. */
    readonly knee?: Knee | null;
    readonly latencyMs: Readonly<Record<string, Latency>>;
    /** Absent: the clients did not retry, or an older version. null: not all journals are whole. */
    readonly retries?: Retries | null;
  };
  readonly verification: {
    readonly rows: number;
    readonly nodes: number;
    readonly ms: number;
    readonly idsPerSecond: number;
  } | null;
  /** The load over time; null when it was never started. */
  readonly timeline: Timeline | null;
}

/** Up to which rate the limits were kept. */
export interface Knee {
  /** Operations per second of the last step that kept the limits, as all before it did; 0: the first did not. */
  readonly perSecond: number;
  /** Of the first step that did not; null: all kept them. */
  readonly passedAt: number | null;
  readonly limits: { readonly p99Ms: number; readonly errorPercent: number };
  /** Those that the load came to the end of. */
  readonly steps: readonly KneeStep[];
}

/** What became of the operations that were due in one step. */
export interface KneeStep {
  /** From the start of the load. */
  readonly fromMs: number;
  readonly perSecond: number;
  readonly ackedPerSecond: number;
  /** From the intended start; null: it is longer than all that was measured, for more than 1 % had no answer. */
  readonly p99Ms: number | null;
  /** Of what did not fail: slower than the limit of p99, or without an answer. */
  readonly slowPercent: number;
  /** Failed and indeterminate. */
  readonly errorPercent: number;
  /** Due, and without an outcome: in the end, never sent. */
  readonly unanswered: number;
  readonly isKept: boolean;
}

export interface Retries {
  /** Everything that was sent. */
  readonly attempts: number;
  /** Attempts that failed and were sent again. */
  readonly retried: number;
  /** Operations that ended without success. */
  readonly gaveUp: number;
  /** How long clients paused before they sent again, all together. */
  readonly pausedMs: number;
}

/** Milliseconds. */
export interface Latency {
  /** Absent in results of a version that did not have it; so is p999. */
  readonly mean?: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999?: number;
  readonly max: number;
  readonly count: number;
}
