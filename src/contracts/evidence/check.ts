import type { Json, Schema, SchemaIssue } from '../json.ts';
import type { Observations } from '../observation.ts';
import type { Result, Window } from '../result.ts';
import type { LoadSpec, Plan } from '../scenario.ts';
import type { RunEvent } from './events.ts';

/** Input of the checks: everything measured, nothing decided. */
export interface Evidence {
  readonly plan: Plan;
  /** Every readable line of events.jsonl, in order; `atMs` counts from the start of the run, not of the load. */
  readonly events: readonly RunEvent[];
  /** What the load's readers saw; absent if it had none. */
  readonly observations?: Observations;
  readonly result: Measured;
}

/** A result before its checks: every field but the verdict's. */
export type Measured = Omit<Result, 'status' | 'knownDefect' | 'checks'>;

export interface Verdict {
  readonly status: 'pass' | 'fail' | 'unknown';
  /** One sentence with the measured value and the demand. */
  readonly summary: string;
  readonly measured: Json;
}

/** One demand of `expect:`; the file's name is the key. */
export interface Check<P = Json> {
  readonly summary: string;
  readonly params: Schema<P>;
  /** A valid demand as in a file: for the conformance suite, if there is no default. */
  readonly example?: Json;
  /** The demand when the scenario has none; undefined: the check runs only if the scenario demands it. */
  readonly byDefault?: Json;
  /** It judges consumers: the planner refuses the demand where the scenario has none. */
  readonly isOfDownstream?: true;
  /** It judges restores from the archive: the planner refuses the demand where the cluster has none. */
  readonly isOfArchive?: true;
  /** Whether the run's version recorded what the check needs; if not, its default demand is skipped. Absent: every version did. */
  isRecorded?(result: Measured): boolean;
  /** What of a demand makes no sense for this load, for the planner. */
  problems?(params: P, load: LoadSpec): readonly SchemaIssue[];
  check(evidence: Evidence, params: P): Verdict;
  /** The same demand on one phase of the load. Absent: no phase can demand it. */
  checkWindow?(window: Window, params: P): Verdict;
}
