import type { Outcome } from './evidence/journal.ts';
import type { Json } from './json.ts';

/**
 * What one read of a reader gave. It has no fate: a check judges what may be seen. Times as those of events: milliseconds since
 * the run began.
 */
export interface Observation {
  readonly reader: number;
  /** Name of the read: 'total'. */
  readonly read: string;
  /** The node that was asked; null: no node of the kind it asks for could be. */
  readonly node: string | null;
  readonly sentMs: number;
  readonly answeredMs: number;
  /** What the read kept of the answer; absent if there is none. */
  readonly value?: Json;
  /** Why there is no value. */
  readonly problem?: string;
  /** A read of a client, of which only examples are here; `reader` is the client's number. */
  readonly by?: 'client';
}

export interface Observations {
  /** In order of the time they were sent. */
  readonly observations: readonly Observation[];
  /** Why some that were made are not among them; empty: these are all. */
  readonly missing: readonly string[];
  /** How long reads took. Absent: a version that did not measure it. */
  readonly times?: readonly ReadTimes[];
  /** The heartbeat, and which of it reads showed. Absent: a version without one. */
  readonly states?: StatesSeen;
}

/** Reads that had their answer in one second of the load. */
export interface ReadTimes {
  /** 0: the first. */
  readonly second: number;
  readonly by: 'reader' | 'client';
  /** Of the clients of a group. */
  readonly group?: string;
  readonly answered: number;
  readonly failed: number;
  readonly latency: PackedTimes;
  readonly service: PackedTimes;
}

/** Microseconds; the classes ascending: how far each is above the one before, and how many reads are in it. */
export interface PackedTimes {
  readonly sumUs: number;
  readonly maxUs: number;
  readonly classes: readonly number[];
}

/** Times as those of observations. */
export interface StatesSeen {
  /** In order of their number. */
  readonly beats: readonly Beat[];
  readonly sights: readonly Sight[];
  /** The first reads of each worker that stepped back; `sights` counts all. */
  readonly stepsBack: readonly StepBack[];
  /** Absent: the load's clients did not read, or a version in which they could not. */
  readonly clientReads?: readonly ClientReadCounts[];
  /** The first own writes that reads of each worker's clients did not show; `clientReads` counts all. */
  readonly notSeen?: readonly NotSeen[];
}

/** Reads of clients from one node, some at a time. */
export interface ClientReadCounts {
  /** null: none could be asked. */
  readonly node: string | null;
  readonly answered: number;
  readonly failed: number;
  /** Of the answered ones, those with one right value; and where it was another. */
  readonly judged: number;
  readonly wrong: number;
  /** Reads after an acknowledged write of the same client; and that did not show it. */
  readonly own: number;
  readonly ownNotSeen: number;
}

export interface NotSeen {
  readonly session: string;
  readonly node: string;
  readonly sentMs: number;
  readonly seq: number;
}

/** One write of the heartbeat. */
export interface Beat {
  readonly beat: number;
  readonly outcome: Outcome;
  readonly sentMs: number;
  readonly answeredMs: number;
}

/** Reads of one node that showed the same state: every heartbeat up to `beat`, and none after it. 0: none yet. */
export interface Sight {
  readonly node: string;
  readonly beat: number;
  readonly reads: number;
  readonly firstSentMs: number;
  readonly lastSentMs: number;
  /** Of these, reads that showed an older state than an earlier read of their session; and on the same connection. */
  readonly back: number;
  readonly backOnConnection: number;
}

/** A read that showed an older state than an earlier one of its session. */
export interface StepBack {
  readonly session: string;
  readonly from: SeenState;
  readonly to: SeenState;
}

export interface SeenState {
  readonly node: string;
  readonly beat: number;
  readonly sentMs: number;
}
