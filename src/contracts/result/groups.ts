import type { ReadDurations } from './reads.ts';
import type { Latency } from './throughput.ts';

/** How it went for the groups of clients that the load names. */
export interface GroupsSection {
  /** In the order of the plan; what they lost stands in `routes`, under the same names. Absent: no groups, or an older version. */
  readonly groups?: readonly GroupResult[];
}

export interface GroupResult {
  readonly name: string;
  readonly clients: number;
  /** Acknowledged writes, without what was due in the warm-up; null: journals are missing. */
  readonly ackedPerSecond: number | null;
  /** As in `throughput`; absent: it has no rate. */
  readonly planned?: { readonly perSecond: number; readonly sentPerSecond: number | null };
  readonly operations: number | null;
  /** Of acknowledged operations, from the intended start; null without one. */
  readonly latencyMs: Latency | null;
  /** The same from the moment of sending. */
  readonly serviceMs: Latency | null;
  /** After the warm-up. Absent: its clients only write, or an older version. */
  readonly reads?: ReadDurations;
  /** Its own; absent: that of the load, or an older version. */
  readonly workload?: string;
  readonly site?: string;
}
