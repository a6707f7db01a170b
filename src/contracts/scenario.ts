import type { DownstreamSpec } from './downstream.ts';
import type { Json } from './json.ts';
import type { MemberSpec, OwnPatroni } from './own-patroni.ts';
import type { LoadSpec } from './scenario/load.ts';

export type * from './scenario/load.ts';

/** A parsed scenario file: units resolved, defaults filled, every name known. Durations are milliseconds. */
export interface Scenario {
  readonly name: string;
  readonly claim: string;
  /** Where it was read from, for messages; undefined when a program made it. */
  readonly file?: string;
  readonly backend?: string;
  readonly cluster: ClusterSpec;
  readonly load: LoadSpec;
  readonly faults: readonly FaultStep[];
  /** Check name -> what that check's schema made of it. */
  readonly expect: Readonly<Record<string, Json>>;
  /** What differs by what it ran on, settled in judging; a later block goes before an earlier one and before `expect`. */
  readonly expectWhen?: readonly ConditionalDemands[];
  /** What is demanded of a stretch of the load alone, in the order of the file. */
  readonly expectPhases?: readonly PhaseDemands[];
  readonly verify: VerifySpec;
  /** off: nothing is taken of an old primary before its data is rewound; absent: it is. */
  readonly evidence?: 'off';
  /** Consumers of the run's tables; absent: none. */
  readonly downstream?: readonly DownstreamSpec[];
  /** rejoin: a rewind of an old primary waits until evidence of it was taken. */
  readonly hold?: 'rejoin';
  /** How far a later run may be worse than an earlier one; for `compare` and suites, never for the verdict. */
  readonly thresholds?: Thresholds;
  /** Position of each value in the file, by dotted path (`faults.0.target`), for the planner's messages only. */
  readonly positions?: Readonly<Record<string, readonly [line: number, column: number]>>;
}

/** One entry of `expect.when`. */
export interface ConditionalDemands {
  readonly conditions: Conditions;
  /** As `expect`. */
  readonly demands: Readonly<Record<string, Json>>;
  /**
   * The issue of a known defect of these versions, such as `patroni #2693`. Then `expect` stays as it is, and a run that fails it
   * but keeps to these demands ends as `knownDefect`.
   */
  readonly knownDefect?: string;
}

/** One entry of `expect.phases`. */
export interface PhaseDemands {
  readonly phase: Phase;
  /** Where they apply; absent: everywhere. */
  readonly conditions?: Conditions;
  /** As `expect`. */
  readonly demands: Readonly<Record<string, Json>>;
}

/** A stretch of the load, found by a fault. */
export interface Phase {
  readonly edge: 'before' | 'during' | 'after';
  /** The id of a step; of a repeated one, all of its repetitions. */
  readonly step: string;
  /** Of `after`: how long after the heal it begins. */
  readonly offsetMs: number;
  /** Of `before` and `after`: only so much of it, next to the fault. */
  readonly withinMs?: number;
}

/** Every given condition must hold; there is at least one. */
export interface Conditions {
  readonly postgres?: VersionDemand;
  readonly patroni?: VersionDemand;
  readonly dcs?: { readonly name?: string; readonly version?: VersionDemand };
  readonly backend?: string;
}

/** Every term must hold. A term compares as many numbers as it has: 15.20 equals 15. */
export type VersionDemand = readonly VersionTerm[];
export interface VersionTerm {
  readonly op: '==' | '!=' | '<' | '<=' | '>' | '>=';
  readonly version: string;
}

/** folder: the files themselves, by the lab's own archive_command. pgbackrest: a repository of it. */
export type ArchiveKind = 'folder' | 'pgbackrest';

export interface ClusterSpec {
  readonly nodes: number;
  readonly topology: 'patroni' | 'single';
  /** Goes into Patroni's dynamic configuration as it is (ttl, loop_wait, ...: seconds and bytes, Patroni's own units). */
  readonly patroni: Readonly<Record<string, Json>>;
  readonly synchronous: 'off' | 'on' | 'strict' | 'quorum';
  /** postgresql.parameters; they override the lab's defaults. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Longest wait after healing until every node has converged. */
  readonly convergeMs: number;
  /** What the scenario's own `cluster:` says, where the cluster exists already and has settings of its own. */
  readonly writtenFor?: Pick<ClusterSpec, 'patroni' | 'parameters' | 'synchronous'>;
  /** The user's own Patroni configuration; its values are in `patroni` and `synchronous`, too. */
  readonly config?: OwnPatroni;
  /** A second Patroni cluster that follows this one. Absent: none. */
  readonly standby?: { readonly nodes: number };
  /** Every node archives its WAL in one place of the lab, and restores are tried at the end. Absent: no archive of Forkpoint's. */
  readonly archive?: ArchiveKind;
  /** By node. */
  readonly members?: Readonly<Record<string, MemberSpec>>;
  /** The backend's own keys in `cluster:`; absent where the file has none of them. */
  readonly own?: BackendKeys;
}

export interface BackendKeys {
  /** Whose keys they are: another backend cannot read them. */
  readonly backend: string;
  /** As its schema made them. */
  readonly params: Json;
}

export interface VerifySpec {
  readonly content: boolean;
  readonly amcheck: boolean;
}

/** In the direction that is worse: more lost, a longer outage, less throughput, slower verification. */
export interface Thresholds {
  readonly lost?: Threshold;
  readonly outage?: Threshold;
  readonly throughput?: Threshold;
  readonly verification?: Threshold;
}
/** amount: writes for `lost`, milliseconds for `outage`. */
export type Threshold = { readonly percent: number } | { readonly amount: number };

/** One line of `faults:`, in the order of the file. */
export interface FaultStep {
  /** Unique in the scenario: `partition#1` unless the author named it. */
  readonly id: string;
  readonly fault: string;
  readonly target: string;
  /** Milliseconds from the start of the load, or from the injection of `after`. */
  readonly atMs: number;
  readonly after?: string;
  /** The state to wait for from that time on, before the injection. */
  readonly when?: Wait;
  /** How long until it is healed; without it and `until`: when the load has ended. */
  readonly holdMs?: number;
  /** The state until which it is held. */
  readonly until?: Wait;
  /** In a file; in a plan each repetition is a step of its own: `cut.1`, `cut.2`, ... */
  readonly repeat?: { readonly everyMs: number; readonly times: number };
  readonly params: Json;
  /** What the author expects of a request that can be refused; absent: that it is carried out. */
  readonly expected?: ExpectedRefusal;
  /** Position in the file, for messages of the planner. */
  readonly line?: number;
  readonly column?: number;
}

/** refused: it must be, or the run fails; either: neither answer is a failure of the run. */
export type ExpectedRefusal = 'refused' | 'either';

/** A wait for the cluster or the load to be in some state. It must come about within the limit. */
export interface Wait {
  readonly state: AwaitedState;
  readonly limitMs: number;
}

/**
 * `since`: for `when`, the injection of the step's `after` or the start of the load; for `until`, the step's own injection.
 * failover: another node than then is primary, on a higher timeline than any was. acknowledged: so many writes since.
 * lag: of the replica that is furthest behind the primary (`>`), or of every one (`<`).
 * replayed: every other node has replayed what the primary had when the wait began.
 * streaming: of every node that the target means.
 */
export type AwaitedState =
  | { readonly is: 'failover' | 'leader' | 'noLeader' | 'replayed' | 'delivered' }
  | { readonly is: 'acknowledged'; readonly writes: number }
  | { readonly is: 'lag'; readonly op: '>' | '<'; readonly bytes: number }
  | { readonly is: 'streaming'; readonly target: string };

/** Everything a run will do, decided before anything boots. Saved as plan.json; a replay needs nothing else. */
export interface Plan {
  readonly schemaVersion: 1;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly backend: string;
  /** Of `topology: single`, where it is not the default. */
  readonly image?: string;
}
