import type { Json } from './json.ts';
import type { MemberSpec, OwnPatroni } from './own-patroni.ts';
import type { RouteSpec } from './route.ts';

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

export interface LoadSpec {
  readonly workload: string;
  readonly clients: number;
  /** Offered operations per second over all clients (open loop), the mean where it has stages; undefined is closed loop. */
  readonly ratePerSecond?: number;
  /** How the offered rate changes, one after the other; they last for `durationMs`. */
  readonly stages?: readonly RateStage[];
  /** Closed loop: how long a client pauses after each answer. */
  readonly think?: ThinkTime;
  /** Operations that are due before this time have a fate like all others, and count in no latency and no throughput. */
  readonly warmupMs?: number;
  /** It ends when so many have an outcome, all clients together; `durationMs` is the most. */
  readonly operations?: number;
  /** The stages after the warm-up are steps of a search, and it ends after the first that passes a limit. */
  readonly knee?: KneeLimits;
  readonly durationMs: number;
  /** It ends when a person says so; `durationMs` is the most. */
  readonly isOpenEnded?: true;
  /** Share of each kind of write; sums to 1. */
  readonly mix: { readonly insert: number; readonly update: number; readonly delete: number };
  /** Rows per insert. */
  readonly batch: number;
  /** Operations that a client sends before it waits for an answer; absent: one. Each stays a transaction of its own. */
  readonly pipeline?: number;
  readonly payloadBytes: number;
  /** Where it is a range: its upper end. */
  readonly payloadMostBytes?: number;
  /** Of every transaction; absent: the server's default. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** Of every transaction; absent: as the server is configured. */
  readonly synchronousCommit?: 'off' | 'local' | 'remote_write' | 'on' | 'remote_apply';
  /** Every statement has a savepoint of its own. */
  readonly savepoints?: boolean;
  /** After this an operation's socket is destroyed and its outcome is indeterminate. */
  readonly deadlineMs: number;
  /** How clients try again what failed for a moment; absent: never. */
  readonly retry?: RetrySpec;
  /** Connections that must stay free on the primary, or the load ends; undefined: as the cluster file says. */
  readonly minFree?: number;
  /** The client site of the load, so the side of a network partition that the clients are on. */
  readonly site: string;
  /** How its clients reach the cluster; their clients add up to `clients`. Absent: all directly. */
  readonly routes?: readonly RouteSpec[];
  /** Worker processes; clients are dealt out evenly. Absent: as many as the clients and this host's cores ask for. */
  readonly workers?: number;
  /** Each has a route of its name, in the same order; their clients add up to `clients`. Absent: all clients do the same. */
  readonly groups?: readonly GroupSpec[];
  /** Readers beside the clients; absent: none. */
  readonly readers?: ReaderLoad;
  /** What clients read; absent: they only write. */
  readonly clientReads?: ClientReadSpec;
  /** The workload's own keys, parsed by the workload. */
  readonly params: Json;
  /** The files that these name, by key. A stored plan has their text: a run is repeated without them. */
  readonly files?: Readonly<Record<string, WorkloadFile>>;
}

/** Clients that are asked for something of their own; its writers follow those of the group before it. */
export interface GroupSpec {
  readonly name: string;
  readonly clients: number;
  /** Of the group alone; undefined is closed loop. */
  readonly ratePerSecond?: number;
  readonly think?: ThinkTime;
  /** Absent: that of the load. */
  readonly mix?: LoadSpec['mix'];
  /** What its clients read: of the group alone. A share of 1: they write nothing. */
  readonly clientReads?: ClientReadSpec;
  /** Absent: that of the load. */
  readonly batch?: number;
  /** With `payloadMostBytes`; absent: those of the load. */
  readonly payloadBytes?: number;
  readonly payloadMostBytes?: number;
  /** Its own, in tables of its own, with `params` and `files`; absent: that of the load, in the same tables. */
  readonly workload?: string;
  readonly params?: Json;
  readonly files?: Readonly<Record<string, WorkloadFile>>;
  /** The client site of its clients; absent: that of the load. */
  readonly site?: string;
}

/** Each pause is twice the one before, and half of it is drawn from the seed. */
export interface RetrySpec {
  /** Of one operation at most, the first included. */
  readonly attempts: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether an attempt whose outcome is unknown is sent again, too. */
  readonly indeterminate: 'stop' | 'retry';
}

/** The rate goes evenly from one value to the other; where they are equal, it is constant. */
export interface RateStage {
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
  readonly lastsMs: number;
}

/** What a rate must keep to be below the knee. */
export interface KneeLimits {
  /** Longest 99th percentile of latencies from the intended start. */
  readonly p99Ms: number;
  /** Most failed and indeterminate operations. */
  readonly errorPercent: number;
}

/** Each pause is drawn from the seed; where both are equal, all are. */
export interface ThinkTime {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** A text file that the workload's keys name, as it was when the run was planned. */
export interface WorkloadFile {
  /** As messages name it. */
  readonly name: string;
  readonly text: string;
  /** Of the text in UTF-8, as 64 hex digits: a text that was changed since is not run. */
  readonly sha256: string;
}

export interface ClientReadSpec {
  /** Of a client's operations. */
  readonly share: number;
  /** connection: where it writes. Else the nodes of that kind in turn, on connections of its own. */
  readonly from: 'connection' | 'primary' | 'replica' | 'any';
}

export interface ReaderLoad {
  readonly count: number;
  /** Over all readers. */
  readonly ratePerSecond: number;
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
  | { readonly is: 'failover' | 'leader' | 'noLeader' | 'replayed' }
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
