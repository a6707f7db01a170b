import type { Topology } from './cluster.ts';
import type { FaultEffects, Undo } from './fault.ts';
import type { Json, Schema } from './json.ts';
import type { Observations } from './observation.ts';
import type { Plan } from './scenario.ts';
import type { ClientPlace, ReplayOrigin, Result } from './result.ts';

export type OperationKind = 'insert' | 'update' | 'delete';

/** What the client knows. Never rounded towards good news: an uncertain outcome is indeterminate. */
export type Outcome = 'acknowledged' | 'localOnly' | 'failed' | 'indeterminate';

/** One journaled operation. Times are microseconds: `sentUs` since the start of the load. */
export interface OperationRecord {
  readonly kind: OperationKind;
  readonly outcome: Outcome;
  readonly writer: number;
  readonly seq: number;
  readonly count: number;
  /** 0 for inserts. */
  readonly version: number;
  /** Index into the journal header's `nodes`; undefined without a connection. */
  readonly node: number | undefined;
  /** For an acknowledged or localOnly operation; 0 if unknown. */
  readonly timeline: number;
  /** Insert position before the commit record, acknowledged and localOnly only; 0n if unknown. */
  readonly lsn: bigint;
  readonly sentUs: number;
  /** Send to answer. */
  readonly latencyUs: number;
  /** How long it waited past its intended start (open loop); 0 in closed loop. */
  readonly waitedUs: number;
  /** Five characters; '' when there is none. Failed and indeterminate only. */
  readonly sqlState: string;
}

export interface JournalHeader {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly worker: number;
  /** Writers of this worker: first .. first+count-1. */
  readonly firstWriter: number;
  readonly writers: number;
  /** Names behind OperationRecord.node. */
  readonly nodes: readonly string[];
  /** CLOCK_MONOTONIC at the start of the load, nanoseconds as text. */
  readonly originNs: string;
}

/** A server's answer to a client at its address. refuses: the host answers, but no server accepts the connection. */
export type Reach = 'answers' | 'refuses' | 'silent';

/** Inclusive ranges [from, to], ascending, with gaps between them. */
export type Ranges = readonly (readonly [from: number, to: number])[];

/** One writer's key space on one node. */
export interface WriterReading {
  readonly writer: number;
  readonly present: Ranges;
  /** [seq, version] of every present row whose version is not 0. */
  readonly versions: readonly (readonly [seq: number, version: number])[];
  /** Rows whose content differs from their checksum or from what was sent. */
  readonly corrupted: readonly number[];
  /** [seq, copies] where copies > 1. */
  readonly duplicated: readonly (readonly [seq: number, copies: number])[];
}

/** One node read back. `unverifiable` is not a kind of lost. */
export interface NodeReading {
  readonly node: string;
  readonly status: 'read' | 'unverifiable';
  readonly reason?: string;
  readonly role: 'primary' | 'replica' | 'down';
  readonly timeline?: number;
  readonly lsn?: string;
  readonly lagBytes?: number;
  readonly rows: number;
  /** Of these, rows without an owner: their writer or seq is NULL. Absent if there are none. */
  readonly unkeyed?: number;
  readonly ms: number;
  readonly writers: readonly WriterReading[];
  /** Writer numbers that are no writer of this run, with rows found (capped at 1,000 seqs each). */
  readonly foreign: readonly {
    readonly writer: number;
    readonly count: number;
    readonly seqs: readonly number[];
  }[];
  /** Per table partition: rows found; empty where there are none. */
  readonly partitions: readonly { readonly name: string; readonly rows: number }[];
  /** Server-made ids found, if the workload journals them. */
  readonly ids?: Ranges;
  /** What the workload's invariants gave in the same snapshot; absent where it has none, or nothing was read. */
  readonly invariants?: readonly InvariantReading[];
  /** Damage found by amcheck or by the read itself. */
  readonly structure: readonly { readonly relation: string; readonly message: string }[];
}

export interface InvariantReading {
  readonly name: string;
  /** Rows that break it; null: it could not be asked. */
  readonly breaches: number | null;
  /** The first of these rows. */
  readonly examples: readonly Json[];
  /** Why it could not be asked. */
  readonly problem?: string;
}

/** A row of pg_replication_slots. */
export interface SlotState {
  readonly name: string;
  readonly isActive: boolean;
  /** reserved, extended, unreserved or lost; null: it retains nothing yet. */
  readonly walStatus: string | null;
}

/** readback.json */
export interface ReadBack {
  readonly schemaVersion: 1;
  readonly runId: string;
  /** The node whose content is the reference for judging; undefined when there was no single leader. */
  readonly primary?: string;
  readonly converged: {
    readonly ok: boolean;
    readonly reason?: string;
    readonly ms: number;
    /** The primary's timeline then; absent: unknown, or an older version. */
    readonly timeline?: number;
    /** Which nodes had not come back at the timeout, and the last state of each. */
    readonly nodes?: readonly {
      readonly node: string;
      readonly what: string;
      /** It has replayed more of the primary's timeline than the primary has: another history of the same number. */
      readonly isAhead?: boolean;
    }[];
    /** The primary's slots, if convergence failed. */
    readonly slots?: readonly SlotState[] | undefined;
  };
  readonly nodes: readonly NodeReading[];
  readonly contentChecked: boolean;
  /** What the workload says must hold; absent where it says nothing. */
  readonly invariants?: readonly { readonly name: string; readonly says: string }[];
  readonly ms: number;
  /** Text of pg_wal/*.history of the final primary, by timeline: forks[timeline] = its ancestors. */
  readonly history: readonly {
    readonly timeline: number;
    readonly ancestors: readonly {
      readonly timeline: number;
      readonly lsn: string;
      readonly reason: string;
    }[];
  }[];
  /** The final primary's WAL before the forks of its timeline history. Absent: not read, or no longer there. */
  readonly commits?: readonly ForkCommits[];
}

/** The transactions committed shortly before a fork, in the order of their commits. */
export interface ForkCommits {
  /** The timeline that ends there. */
  readonly timeline: number;
  /** The fork point. */
  readonly lsn: string;
  /** From here on every record up to the fork was seen. */
  readonly fromLsn: string;
  readonly transactions: readonly {
    /** Start of its commit record. */
    readonly commit: string;
    /** The insert position after its last record before that; null: it is before `fromLsn`. */
    readonly lastRecord: string | null;
  }[];
}

/** One line of events.jsonl. `atMs`: milliseconds since the run began (CLOCK_MONOTONIC). */
export type RunEvent = { readonly atMs: number } & (
  | {
      readonly type: 'run';
      readonly runId: string;
      readonly startedAt: string;
      readonly originNs: string;
      readonly versions: Readonly<Record<string, string>>;
      /** Site of the load's clients; unknown before there is a cluster. */
      readonly clients?: ClientPlace;
      /** Of this file; default: 1. */
      readonly schemaVersion?: 1;
      /** The command that repeats the scenario. */
      readonly reproduce: string;
      /** As in `Result`. Absent in runs of a version that did not write it. */
      readonly overrides?: readonly string[];
      /** As in `Result`. */
      readonly folder?: string;
      readonly replayOf?: ReplayOrigin;
    }
  | { readonly type: 'phase'; readonly phase: PhaseName; readonly edge: 'begin' | 'end' }
  | {
      readonly type: 'load';
      readonly edge: 'begin';
      /** CLOCK_MONOTONIC at the start of the load: where journals count from. */ readonly originNs: string;
    }
  /** Held and resumed by a fault: in between only operations allowed one by one were sent. */
  | { readonly type: 'load'; readonly edge: 'held' | 'resumed' | 'end' }
  | { readonly type: 'topology'; readonly topology: Topology }
  /** How far each replica is behind the one primary, in bytes of WAL; negative: ahead of it. */
  | { readonly type: 'lag'; readonly bytes: Readonly<Record<string, number>> }
  /** A node's answer to the load's clients changed; the answer was requested `agoMs` before `atMs`. */
  | {
      readonly type: 'reach';
      readonly node: string;
      readonly reach: Reach;
      readonly agoMs: number;
    }
  /**
   * PostgreSQL on a node ended or started, or its postmaster ended all its processes and restarted them (`crashed`), and no
   * step of the run explains it. `unknown`: it did not answer until the end, and whether it ran is unknown. It was last seen in
   * its earlier state `agoMs` before `atMs`.
   */
  | {
      readonly type: 'unplanned';
      readonly node: string;
      readonly what: 'ended' | 'started' | 'crashed' | 'unknown';
      readonly agoMs: number;
    }
  /** A step waits for a state of the cluster or the load, and has reached it. */
  | {
      readonly type: 'wait';
      readonly id: string;
      readonly wait: 'when' | 'until';
      readonly state: string;
    }
  | { readonly type: 'waited'; readonly id: string; readonly wait: 'when' | 'until' }
  | {
      readonly type: 'inject';
      readonly id: string;
      readonly fault: string;
      readonly targets: readonly string[];
      readonly plannedAtMs: number;
      readonly isHarmless?: true;
      /** Absent in runs of a version that did not write it. */
      readonly effects?: FaultEffects;
      readonly detail?: Json;
    }
  /** Written before the injection that it undoes. */
  | { readonly type: 'undo'; readonly id: string; readonly step: Undo }
  | { readonly type: 'injected'; readonly id: string; readonly detail: Json }
  /** Its injection failed, and nothing of it was seen to be in force or on its way. */
  | { readonly type: 'notCarriedOut'; readonly id: string; readonly why: string }
  | { readonly type: 'heal'; readonly id: string }
  | { readonly type: 'healed'; readonly id: string }
  | {
      readonly type: 'problem';
      readonly what: string;
      readonly id?: string;
      /** Absent in runs of a version that did not write it. */
      readonly isInterruption?: true;
    }
);
/** One line of heals.jsonl: what another process than the run's own harness undid, after the harness died. `at`: ISO time. */
export type HealEvent = { readonly at: string; readonly id: string } & (
  | { readonly type: 'undone'; readonly step: Undo }
  | { readonly type: 'failed'; readonly step: Undo; readonly why: string }
  /** Every step of the injection is undone. */
  | { readonly type: 'healed' }
);
export type PhaseName =
  'boot' | 'seed' | 'load' | 'heal' | 'converge' | 'readBack' | 'judge' | 'teardown';

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
export type Measured = Omit<Result, 'status' | 'checks'>;

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
  /** Whether the run's version recorded what the check needs; if not, its default demand is skipped. Absent: every version did. */
  isRecorded?(result: Measured): boolean;
  check(evidence: Evidence, params: P): Verdict;
}

/** Files that a page may link to, relative to it; missing files are left out. */
export interface RunLinks {
  /** The overview of all runs, relative to the run's folder. */
  readonly index?: string;
  /** In the run's folder, by name: `events.jsonl`, `logs/pg1/patroni.log`. */
  readonly files: readonly string[];
}

export interface Reporter {
  readonly fileName: string;
  /** `links`: absent if the text does not go into the run's folder. */
  render(result: Result, links?: RunLinks): string;
}
