import type { Json } from '../json.ts';
import type { RouteSpec } from '../route.ts';

/** What the clients of a run do. */
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
