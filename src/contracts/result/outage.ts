/** For how long nothing was acknowledged, and which faults there were. */
export interface OutageSection {
  /** What of a gap the load was held by a fault of ours is left out of every length. */
  readonly outage: {
    readonly longestMs: number | null;
    /** When it began, milliseconds since the start of the load. Absent: an older version, or unknown. */
    readonly longestFromMs?: number;
    readonly perFault: readonly FaultOutage[];
    /** When it was held, milliseconds since its start; absent when it never was. */
    readonly held?: readonly { readonly fromMs: number; readonly untilMs: number }[];
  };
  /** From a fault to the first write acknowledged by the server that took over, the longest; null: none took over, or unknown. */
  readonly rto: {
    readonly ms: number | null;
    readonly fault?: string | null;
    /** It was the old primary itself, on a new timeline. */
    readonly isSameServer?: true;
  };
  readonly faults: readonly Injection[];
  /** What people noted during the run, in order; absent: nothing, or an older version ran it. */
  readonly marks?: readonly Mark[];
}

/** Times are milliseconds since the start of the load. */
export interface Mark {
  readonly text: string;
  readonly atMs: number;
  /** The longest time without an acknowledged write between it and the next mark, which may have begun before it; null: unknown. */
  readonly gap: { readonly fromMs: number; readonly untilMs: number | null } | null;
}

export interface FaultOutage {
  readonly fault: string;
  /** Milliseconds since the start of the load. */
  readonly fromMs: number | null;
  readonly untilMs: number | null;
  /** These count from the injection. When the holder of Patroni's lock was seen without it; null: it never was. */
  readonly detectMs: number | null;
  /** When a node held the lock again. */
  readonly electMs: number | null;
  /** The first write acknowledged after the longest time without one. */
  readonly firstAckMs: number | null;
}

export interface Injection {
  readonly id: string;
  readonly fault: string;
  readonly targets: readonly string[];
  readonly plannedAtMs: number;
  readonly injectedAtMs: number | null;
  readonly inForceAtMs: number | null;
  readonly healedAtMs: number | null;
  /** Its injection failed, and it was seen that it did not come into force. Absent: that was not seen. */
  readonly isNotCarriedOut?: true;
  /** What the step expects of its request: a refusal, or either answer. Absent: that it is carried out. */
  readonly expected?: 'refused' | 'either';
  /** It only marks a moment. Absent: it does harm, or an older version ran it. */
  readonly isHarmless?: true;
}
