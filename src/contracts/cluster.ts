import type { WalArchive } from './archive.ts';
import type { ContainerImage } from './copy-server.ts';
import type { Capabilities, CapabilityName, ProcessState } from './controls.ts';
import type { Credentials, Endpoint } from './endpoint.ts';
import type { MachineFinding } from './finding.ts';
import type { Json } from './json.ts';
import type { ChaosControl, ObjectControl, ScaleControl } from './objects.ts';
import type { AskedOfMembers } from './own-patroni.ts';
import type { SinkServer } from './sink.ts';
import type { ClientSite } from './site.ts';
import type { StandbyControl } from './standby.ts';

export type * from './archive.ts';
export type * from './controls.ts';
export type * from './endpoint.ts';
export type * from './objects.ts';
export type * from './sink.ts';
export type * from './site.ts';
export type * from './standby.ts';

/** What can be done to one machine of a cluster. */
export interface Machine extends Partial<Capabilities> {
  readonly name: string;
  /**
   * Tries on the machine, through the shell, whether it has what these controls need, or all controls. Changes nothing.
   * Absent without a shell. Errors: ClusterError when the machine cannot be probed.
   */
  probe?(needs?: readonly CapabilityName[]): Promise<readonly MachineFinding[]>;
}

export interface Node extends Machine {
  /** It is of the standby cluster. */
  readonly isOfStandby?: true;
  /** This member as the load's clients reach it, never a proxy. */
  readonly endpoint: Endpoint;
  /** This member as the harness reaches it: a unix socket where there is one. */
  readonly observer: Endpoint;
  /** What its server's programs are from. Absent: its machine is no container, or that is not known. */
  readonly image?: ContainerImage;
  /** The file that its Patroni would open as its watchdog, whether or not it is there. Absent: Patroni's default. */
  readonly watchdogDevice?: string;
}

/** Where a route leads on a cluster that is up. */
export interface RouteEntry {
  readonly route: string;
  readonly endpoint: Endpoint;
  /** What stands there: 'HAProxy 2.6.12'. */
  readonly what: string;
  /** What was replaced in the user's configuration, and what else a reader of the report must know. */
  readonly notes: readonly string[];
}

export interface MemberState {
  readonly node: string;
  /** The role that PostgreSQL reports; `down` when it does not answer. */
  readonly role: 'primary' | 'replica' | 'down';
  /** Patroni's word: running, streaming, in archive recovery, start failed, stopped, ...; undefined if unknown. */
  readonly state?: string;
  readonly timeline?: number;
  /** Primary: insert position; replica: replayed position. */
  readonly lsn?: string;
  /** Replica: whether it has a streaming WAL receiver now. */
  readonly isStreaming?: boolean;
  /** pg_postmaster_start_time() in Unix seconds by the node's clock: constant while the server lives. */
  readonly startedAt?: string;
  /** The start of its checkpointer: later when the postmaster ended all its processes and restarted them. */
  readonly processesSince?: string;
}

/** Two primaries is a legal answer: split brain. */
export interface Topology {
  /** Holder of Patroni's lock; undefined when no node holds it, or the holder is unknown. */
  readonly leader?: string;
  /** The DCS did not answer; absent when it did. */
  readonly isLockUnknown?: true;
  readonly syncStandbys: readonly string[];
  readonly members: readonly MemberState[];
  /** Maintenance mode. */
  readonly isPaused: boolean;
}

/** What Patroni's members agreed on, as the DCS holds it. */
export interface LockState {
  /** Holder of the leader lock; undefined when no member holds it. */
  readonly leader?: string;
  readonly syncStandbys: readonly string[];
  readonly isPaused: boolean;
  /** Whether it is the configuration of a standby cluster. Absent: there is no configuration. */
  readonly isStandby?: boolean;
  /** Each member's own word about itself, as old as its last loop. */
  readonly states: Readonly<Record<string, string>>;
}

/** Reads the leader lock. One implementation per source: the DCS itself, or Patroni's REST interface. */
export interface LockReader {
  /** Undefined when no source gave an answer in time that can be trusted: unknown, not "no leader". Never rejects. */
  leader(signal: AbortSignal): Promise<LockState | undefined>;
}

/** What Patroni's REST interface shows of the whole cluster. */
export type PatroniDocument = '/history' | '/cluster' | '/config';

export interface PatroniControl {
  /** The dynamic configuration, of the first member that answers. Errors: ClusterError when none does. */
  config(signal: AbortSignal): Promise<Json>;
  /** What the first member that answers says there. Absent: not offered. Errors: ClusterError when none does. */
  readonly read?: (document: PatroniDocument, signal: AbortSignal) => Promise<Json>;
  switchover(options: { from: string; to?: string }, signal: AbortSignal): Promise<string>;
  failover(options: { to: string }, signal: AbortSignal): Promise<string>;
  /** GET /patroni of one member: its state and tags. Absent: not offered. Errors: ClusterError. */
  status?(node: string, signal: AbortSignal): Promise<Json>;
  /** Maintenance mode on or off; resolves when every member that answers has seen it. Harmless to repeat. */
  pause(isPaused: boolean, signal: AbortSignal): Promise<void>;
  /** Restarts PostgreSQL on one member in an orderly way. */
  restart(node: string, signal: AbortSignal): Promise<string>;
  /** Deletes a replica's data and clones it from the leader; resolves when that has begun. */
  reinitialize(node: string, signal: AbortSignal): Promise<string>;
}

/** The members of the DCS, by the backend's names for them. */
export interface DcsControl {
  readonly members: readonly string[];
  /** Signals one member's process; SIGKILL: resolves when it is gone. */
  signal(member: string, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Starts the member with its old data; harmless if it runs. */
  start(member: string): Promise<void>;
  state(member: string): Promise<ProcessState>;
  /** The member that says it leads; undefined: none that answers does. */
  leader(signal: AbortSignal): Promise<string | undefined>;
  /** The member that Patroni on this node is connected to now. Errors: ClusterError when it has no connection to one. */
  memberOf(node: string): Promise<string>;
  /** Lets one member run for a part of the time only. Ends with `hasten`, or with the harness. */
  slow(
    member: string,
    turns: { readonly stoppedMs: number; readonly runningMs: number },
  ): Promise<void>;
  /** Harmless if it is not slow. */
  hasten(member: string): Promise<void>;
  isSlow(member: string): Promise<boolean>;
  /** Every member ends and begins anew with nothing; what they had is kept under the id. */
  loseData(id: string): Promise<void>;
  /** Every member ends and begins with what is kept under the id, in place of what it has; harmless if nothing is kept. */
  restoreData(id: string): Promise<void>;
  /** Raises or clears the alarm that it raises when it is full: it answers, and stores nothing. */
  noSpace(isRaised: boolean, signal: AbortSignal): Promise<void>;
  hasNoSpace(signal: AbortSignal): Promise<boolean>;
  /** Forgets all but the present values and defragments each member, which answers nothing meanwhile. Returns the revision. */
  compact(signal: AbortSignal): Promise<string>;
}

export interface Versions {
  readonly postgres: string;
  readonly patroni: string;
  readonly dcs: string;
}

export interface Cluster extends AsyncDisposable {
  readonly id: string;
  readonly backend: string;
  readonly nodes: readonly Node[];
  readonly sites: readonly ClientSite[];
  readonly credentials: Credentials;
  /** Where the routes of `BootOptions` lead that are not the nodes' own addresses; absent: none was asked for. */
  readonly routes?: readonly RouteEntry[];
  /** The machines of HAProxy and PgBouncer, as far as faults can meet their packets; absent: none. */
  readonly proxies?: readonly Machine[];
  readonly versions: Versions;
  readonly patroni?: PatroniControl;
  readonly dcs?: DcsControl;
  /** Absent: its nodes archive no WAL, or to a place of their own. */
  readonly archive?: WalArchive;
  /** Absent: there is no standby cluster. */
  readonly standby?: StandbyControl;
  /** Takes back what faults changed in the API of Kubernetes. */
  readonly objects?: ObjectControl;
  readonly scale?: ScaleControl;
  readonly chaos?: ChaosControl;
  /** A PostgreSQL server beside the cluster, for what its consumers read. Absent: it was not booted with one. */
  readonly sink?: SinkServer;
  /**
   * The cluster was not made for runs: what a run made in it is removed at its end, and so many connections must stay free for others.
   * Absent: made for runs.
   */
  readonly foreign?: {
    readonly minFreeConnections: number;
    /** What is free on the disks of each node. Only reads, never rejects; absent: nothing is known of any. */
    space?(signal: AbortSignal): Promise<readonly NodeSpace[]>;
  };
  /** What a reader of the report must know of it, a sentence each: `Patroni is paused`. Absent: nothing. */
  readonly notes?: readonly string[];
  /** What the user's own Patroni configuration asks of its members. */
  readonly asked?: AskedOfMembers;
  /** What `attach` of its backend needs to find this cluster again. JSON, without a password. */
  readonly record?: unknown;
  /**
   * Starts dead-man timers at the target, for what outlives this process: each heals its machine when this process has
   * died, or was silent for the lease. Absent if the cluster ends with this process. `owner`: the run's id.
   * `isNeeded`: whether a fault was in force within so many milliseconds; where none was, a timer whose connection broke is armed
   * again, and nothing is lost. Default: always.
   * Errors: ClusterError naming the machine, also when timers of another run are in force there.
   */
  guard?(owner: string, isNeeded?: (withinMs: number) => boolean): Promise<Guard>;
  topology(signal: AbortSignal): Promise<Topology>;
  /**
   * Calls back when a source that the cluster is seen through besides its own servers gives no answer, and when it does again; at once
   * where it gives none now. Absent: there is no such source.
   */
  unseen?(listener: (edge: UnseenEdge) => void): Disposable;
  collectLogs(directory: string): Promise<void>;
}

/** A source that gives no answer, or gives one again. */
export type UnseenEdge =
  | {
      readonly edge: 'begin';
      /** 'the API server of Kubernetes' */
      readonly source: string;
      /** The part of a sentence that says what is not seen meanwhile. */
      readonly what: string;
      /** How long ago it gave its last answer. */
      readonly agoMs: number;
    }
  | {
      readonly edge: 'end';
      /** Nodes whose machine is not the one of before. */
      readonly replaced: readonly string[];
    };

/** Free space of one node, in bytes. Either `unknown` says why there are no figures, or all others are there. */
export interface NodeSpace {
  readonly node: string;
  readonly unknown?: string;
  readonly dataBytes?: number;
  readonly walBytes?: number;
  /** Data and WAL are on one file system. */
  readonly isOne?: boolean;
}

/** Dead-man timers in force. Disposing it is releasing it. */
export interface Guard extends AsyncDisposable {
  /** Rejects with a ClusterError when a timer healed because this process was silent for too long. Never resolves. */
  readonly lost: Promise<never>;
  /** Ends the timers without an action. Returns one sentence per timer that had healed before. */
  release(): Promise<readonly string[]>;
}
