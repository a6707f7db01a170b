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
}

export interface Observations {
  /** In order of the time they were sent. */
  readonly observations: readonly Observation[];
  /** Why some that were made are not among them; empty: these are all. */
  readonly missing: readonly string[];
}
