import type { Json, Schema } from './json.ts';
import type { AskedOfMembers, LabContents, WantedNames } from './own-patroni.ts';
import type { ClusterSpec } from './scenario.ts';
import type { Capabilities, CapabilityName, ProcessState } from './controls.ts';
import type { RouteSpec } from './route.ts';
import type { Shell } from './shell.ts';
import type { TlsOptions } from './tls.ts';

export type * from './controls.ts';

/** Where a server listens; a host that starts with '/' is the folder of its Unix socket. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Absent: without TLS. */
  readonly tls?: TlsOptions;
}

/** How clients log in. The password is never in argv, a log or a report. */
export interface Credentials {
  readonly user: string;
  readonly password?: string;
  readonly database: string;
  /** Settings of every session, from libpq's `options`; absent: none. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Appended to the names under which our sessions appear in pg_stat_activity. */
  readonly applicationName?: string;
  /** Longest time for a connection, where ours is not shorter. */
  readonly connectTimeoutMs?: number;
}

export interface Node extends Partial<Capabilities> {
  readonly name: string;
  /** This member as the load's clients reach it, never a proxy. */
  readonly endpoint: Endpoint;
  /** This member as the harness reaches it: a unix socket where there is one. */
  readonly observer: Endpoint;
  /**
   * Tries on the machine, through the shell, whether it has what these controls need, or all controls. Changes nothing.
   * Absent without a shell. Errors: ClusterError when the machine cannot be probed.
   */
  probe?(needs?: readonly CapabilityName[]): Promise<readonly MachineFinding[]>;
}

/** A site where load workers run: a namespace, a container's network, or this host. */
export interface ClientSite {
  readonly name: string;
  /** For reports, the origin of the load: 'a client namespace'. */
  readonly description: string;
  /** The way to the site; a worker is a program on its standard streams. */
  readonly shell: Shell;
  /** Not the harness's machine: this host's programs are not installed there. */
  readonly isRemote: boolean;
  /** What starts Forkpoint there; absent: `forkpoint`. */
  readonly command?: readonly string[];
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
  /** Each member's own word about itself, as old as its last loop. */
  readonly states: Readonly<Record<string, string>>;
}

/** Reads the leader lock. One implementation per source: the DCS itself, or Patroni's REST interface. */
export interface LockReader {
  /** Undefined when no source gave an answer in time that can be trusted: unknown, not "no leader". Never rejects. */
  leader(signal: AbortSignal): Promise<LockState | undefined>;
}

export interface PatroniControl {
  /** The dynamic configuration, of the first member that answers. Errors: ClusterError when none does. */
  config(signal: AbortSignal): Promise<Json>;
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
  readonly versions: Versions;
  readonly patroni?: PatroniControl;
  readonly dcs?: DcsControl;
  /**
   * The cluster was not made for runs: what a run made in it is removed at its end, and so many connections must stay free for others.
   * Absent: made for runs.
   */
  readonly foreign?: {
    readonly minFreeConnections: number;
    /** What is free on the disks of each node. Only reads, never rejects; absent: nothing is known of any. */
    space?(signal: AbortSignal): Promise<readonly NodeSpace[]>;
  };
  /** What the user's own Patroni configuration asks of its members. */
  readonly asked?: AskedOfMembers;
  /** What `attach` of its backend needs to find this cluster again. JSON, without a password. */
  readonly record?: unknown;
  /**
   * Starts dead-man timers at the target, for what outlives this process: each heals its machine when this process has
   * died, or was silent for the lease. Absent if the cluster ends with this process. `owner`: the run's id.
   * Errors: ClusterError naming the machine, also when timers of another run are in force there.
   */
  guard?(owner: string): Promise<Guard>;
  topology(signal: AbortSignal): Promise<Topology>;
  collectLogs(directory: string): Promise<void>;
}

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

/** A cluster that another process holds, and the commands that lead into it. Errors: ScenarioError for no such node. */
export interface LiveCluster {
  readonly id: string;
  readonly backend: string;
  /** As in `Cluster`; absent if it cannot be attached to. */
  readonly record?: unknown;
  /** The process that held it was killed, and the cluster stayed up. */
  readonly isLeftover?: boolean;
  /** Made on another host, or for another reports folder: it is entered only by its id. */
  readonly isOthers?: boolean;
  /** Runs `argv` as root on one node. */
  enter(node: string, argv: readonly string[]): readonly string[];
  /** Opens psql on one node, whatever its network does. */
  psql(node: string): readonly string[];
}

/** Something preflight found. `isMissing` stops a run with exit code 4. */
export interface Finding {
  readonly name: string;
  readonly isMissing: boolean;
  /** What was found (version, path) or is missing. */
  readonly detail: string;
  /** How to get it; a command if there is one. */
  readonly remedy?: string;
  /** Debian packages that contain it. */
  readonly packages?: readonly string[];
}

/** A fact about a machine: what it has or lacks. */
export interface MachineFinding extends Finding {
  /** The controls that cannot work without it; empty: shown, but never required. */
  readonly neededBy: readonly CapabilityName[];
}

/** The user of the harness: a backend's capabilities may depend on it. */
export interface HostUser {
  readonly isRoot: boolean;
}

/** Capability -> why it is missing and how to get it, as in the planner's refusal. */
export type Lacks = Readonly<Partial<Record<CapabilityName, string>>>;

export interface BootOptions {
  /** Unique among clusters on this host; used in names of namespaces, containers, folders. */
  readonly id: string;
  readonly spec: ClusterSpec;
  /** Capabilities that the plan's faults need. Some cost something all the time: they exist only when named here. */
  readonly needs?: readonly CapabilityName[];
  /** How the load's clients reach the cluster: the proxies that they need are started with it. */
  readonly routes?: readonly RouteSpec[];
  /** Overrides the backend's own image, if it runs single servers from images. */
  readonly image?: string;
  /** A folder of the run for the files of the backend (lab record, logs of a failed boot). */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** One line per step, for people. */
  log(line: string): void;
}

/** What a node of a cluster that exists offers. */
export interface NodeSurvey {
  readonly node: string;
  readonly findings: readonly Finding[];
}

/** What can be done to a cluster that exists, as it is now. */
export interface ClusterSurvey {
  readonly nodes: readonly NodeSurvey[];
  /** What it lacks, beyond what its file says: of what its machines have been asked. */
  readonly lacks: Lacks;
}

export interface ExistingClusters {
  /** Keys of the cluster file beside `backend`. Paths are as they stand there. */
  readonly params: Schema<Json>;
  /** A right set of them: for the conformance suite. */
  readonly example?: Json;
  /** What the planner must know of the cluster. `folder`: of the file, where relative paths start. */
  describe(
    params: Json,
    folder: string,
  ): { readonly params: Json } & Pick<ClusterSpec, 'nodes' | 'topology'>;
  /** Asks every node what it offers. Changes nothing. What does not answer is a finding. */
  survey?(params: Json, signal: AbortSignal): Promise<ClusterSurvey>;
  /**
   * Removes what dead runs left there, and returns a sentence for each thing.
   * Errors: EnvironmentError where a run is going on.
   */
  clean?(params: Json, signal: AbortSignal): Promise<readonly string[]>;
}

export interface ClusterBackend {
  readonly summary: string;
  /** Its own keys in `cluster:`, beside those that every backend has. Absent: none. */
  readonly params?: Schema<Json>;
  /** What the nodes of such a cluster will be called, in their order: for targets, before anything boots. */
  nodeNames(cluster: Pick<ClusterSpec, 'nodes' | 'topology' | 'own'>): readonly string[];
  /** Capabilities of its nodes and cluster: the planner refuses what a fault needs beyond these. */
  readonly offers: readonly CapabilityName[];
  /** What such a cluster lacks, of `offers` or beyond it, and why. Known before anything boots. */
  lacks?(cluster: Pick<ClusterSpec, 'topology' | 'own'>, user: HostUser): Lacks;
  /** If its clusters exist already and `boot` connects to them: how a cluster file describes one. */
  readonly existing?: ExistingClusters;
  /** The clusters that it can make. */
  readonly topologies: readonly ClusterSpec['topology'][];
  readonly sites: readonly string[];
  /**
   * Why its clusters cannot give this route, before anything boots; undefined: they can. Never asked of direct and
   * multi-host, which need the nodes' addresses alone. Absent: it has no others.
   */
  refusesRoute?(
    route: RouteSpec,
    cluster: Pick<ClusterSpec, 'nodes' | 'topology' | 'own'>,
  ): string | undefined;
  /** The settings of its servers beyond PostgreSQL's defaults; the scenario's override them. Absent: it does not set any. */
  parameters?(topology: ClusterSpec['topology']): Readonly<Record<string, string>>;
  /**
   * What its labs have of what the user's own Patroni configuration names, as far as that is known before the boot.
   * Absent: its clusters cannot be given one.
   */
  ownPatroni?(wanted: WantedNames): Promise<LabContents>;
  /**
   * Findings about what `spec`, the faults' `needs` and the load's `routes` require, if these are given; otherwise about
   * all clusters.
   */
  preflight(
    spec?: ClusterSpec,
    needs?: readonly CapabilityName[],
    routes?: readonly RouteSpec[],
  ): Promise<readonly Finding[]>;
  /** Installs what is missing, or throws an EnvironmentError with the command for it. */
  install?(findings: readonly Finding[], log: (line: string) => void): Promise<void>;
  /** The same for what no run installs by itself: a service, an image that takes minutes. */
  installAsked?(findings: readonly Finding[], log: (line: string) => void): Promise<void>;
  boot(options: BootOptions): Promise<Cluster>;
  /** Connects to a cluster another process holds (`forkpoint lab`); disposing it leaves the cluster up. */
  attach?(record: unknown): Promise<Cluster>;
  /** Whether the cluster of this record is up, whichever process holds it. Errors: EnvironmentError when that is unknown. */
  isUp?(record: unknown): Promise<boolean>;
  /** Clusters that living processes hold on this host, for other terminals. Errors: EnvironmentError. */
  live?(): Promise<readonly LiveCluster[]>;
  /** Removes what killed runs left on this host, and returns the runs; clusters of live processes stay. */
  clean?(): Promise<readonly string[]>;
}
