import type { Latency } from './throughput.ts';

/** What reads saw of the cluster's state. */
export interface ReadsSection {
  /** Absent: nothing was read during the load, or an older version. */
  readonly reads?: ReadsResult;
}

/** Times are milliseconds since the start of the load. */
export interface ReadsResult {
  /** Reads that showed which state they saw. */
  readonly reads: number;
  /** Writes of the heartbeat, by which states are told apart. */
  readonly heartbeats: { readonly sent: number; readonly acknowledged: number };
  /** null: no read showed its state. */
  readonly staleness: Staleness | null;
  readonly stepsBack: StepsBack;
  /** Reads of the load's clients. Absent: they only wrote, or an older version. */
  readonly clients?: ClientReadResult;
  /** Whether clients saw their own writes; absent as `clients`. */
  readonly ownWrites?: OwnWritesSeen;
  /** How long they took, after the warm-up. Absent: an older version. */
  readonly times?: { readonly readers?: ReadDurations; readonly clients?: ReadDurations };
  readonly nodes: readonly NodeReads[];
  /** Why some reads are not among these; empty: these are all. */
  readonly missing: readonly string[];
}

export interface ReadDurations {
  readonly answered: number;
  readonly failed: number;
  /** Of the answered ones, from the intended start, with what is asked before each for its state; to 3 %, `max` exactly. */
  readonly latencyMs: Latency | null;
  /** Of the read alone, from the moment of sending. */
  readonly serviceMs: Latency | null;
}

/**
 * Of the stalest read: how long before it was sent the oldest acknowledged write was acknowledged that it did not show. The
 * heartbeat shows it to be at least so old; no read was staler than `atMostMs`.
 */
export interface Staleness {
  readonly atLeastMs: number;
  readonly atMostMs: number;
  /** When the read with `atLeastMs` was sent. */
  readonly atMs: number;
  readonly node: string;
}

export interface NodeReads {
  readonly node: string;
  readonly reads: number;
  readonly staleness: Omit<Staleness, 'node'>;
  /** Half of its reads were stale by at least this. */
  readonly medianMs: number;
}

/** Reads that showed an older state than an earlier read of the same session. Steps within one heartbeat are not seen. */
export interface StepsBack {
  readonly reads: number;
  /** Of these, where the earlier read was on the same connection. */
  readonly onConnection: number;
  /** The first of them. */
  readonly first: readonly StepBackRead[];
}

export interface StepBackRead {
  /** 'reader 2'. */
  readonly session: string;
  readonly node: string;
  readonly atMs: number;
  readonly before: { readonly node: string; readonly atMs: number };
  /** How far apart the two states were written, at least; null: not known. */
  readonly byMs: number | null;
}

export interface ClientReadResult {
  readonly answered: number;
  readonly failed: number;
  /** Of the answered ones, those with one right value; and where it was another. */
  readonly judged: number;
  readonly wrong: number;
}

/** Of the reads of a client after a write that was acknowledged to it, those that did not show it. */
export interface OwnWritesSeen {
  readonly reads: number;
  readonly notSeen: number;
  /** The first of them. */
  readonly first: readonly {
    /** 'client 3'. */
    readonly session: string;
    readonly node: string;
    readonly atMs: number;
    readonly seq: number;
  }[];
}
