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
    readonly latencyMs: Readonly<Record<string, Latency>>;
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
