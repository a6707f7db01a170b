import type { Latency } from './throughput.ts';

/** The load as a whole, and in each phase that the scenario's demands name. */
export interface WindowsSection {
  /** The whole load first, then the phases in the order of the demands. Absent: an older version. */
  readonly windows?: readonly Window[];
}

/** What was measured in a stretch of the load; null: not measured. Percentages are exact, not rounded. */
export interface Window {
  /** 'during cut', 'after cut + 5s, within 10s'; null: the whole load. */
  readonly phase: string | null;
  /** When it was, milliseconds since the start of the load; empty: it never was, or its bounds are unknown. */
  readonly stretches: readonly { readonly fromMs: number; readonly untilMs: number }[];
  /** Why there is nothing to measure; null: there is. */
  readonly reason: string | null;
  /** Attempts by outcome. */
  readonly attempts: {
    readonly acknowledged: number;
    readonly localOnly: number;
    readonly failed: number;
    readonly indeterminate: number;
  } | null;
  /** Operations that ended without success. */
  readonly gaveUp?: number | null;
  /** Failed and indeterminate attempts among all. */
  readonly errorPercent: number | null;
  /** Of acknowledged operations, from their intended start. */
  readonly latencyMs: Latency | null;
  /** Acknowledged writes. */
  readonly ackedPerSecond: number | null;
  /** Of 100 ms buckets, those in which an operation was acknowledged. */
  readonly availabilityPercent: number | null;
  /** The longest time without an acknowledged operation. */
  readonly outageMs: number | null;
  /** The furthest that a replica that answered was behind. */
  readonly lagBytes: number | null;
  /** How long two nodes at once were primary; null also if the roles were not read all the time. */
  readonly splitBrainMs: number | null;
  /** How often a primary ended being one, and was seen next as a replica; null as `splitBrainMs`. */
  readonly demotions: number | null;
  /** How many of them were of a node that had been demoted in it before. Absent: an older version. */
  readonly demotedAgain?: number | null;
  readonly failovers: number | null;
  readonly repromotions: number | null;
  /** How often a node was promoted, which starts a timeline: asked or not. Absent: an older version. */
  readonly promotions?: number | null;
  /** How often another node led than before: asked or not, with or without a promotion. Absent: an older version. */
  readonly leadershipChanges?: number | null;
  /** Absent: an older version. */
  readonly notStreaming?: NotStreaming | null;
  /**
   * The longest time from a fault that was injected in this stretch to the first write acknowledged by the server that took
   * over; null also if none did after one of them until the end of the load.
   */
  readonly rtoMs: number | null;
}

/**
 * The longest time in which a node that was no primary did not stream, milliseconds; it may end after the stretch. It is known to
 * lie between two bounds.
 */
export interface NotStreaming {
  /** null: every node streamed all the time. */
  readonly node: string | null;
  readonly leastMs: number;
  /** null: it had not streamed again when the nodes had been read back. */
  readonly mostMs: number | null;
}
