import type { Timeline } from '../chart-series.ts';

/** How fast it all was. */
export interface ThroughputSection {
  readonly throughput: {
    readonly ackedPerSecond: number | null;
    /** Operations, without the time in which a fault held the load; absent: no rate was planned, or an older version. */
    readonly planned?: { readonly perSecond: number; readonly sentPerSecond: number | null };
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
