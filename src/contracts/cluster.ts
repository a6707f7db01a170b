import type { Json, Schema } from './json.ts';
import type { ClusterSpec } from './scenario.ts';
import type { Capabilities, CapabilityName, ProcessState } from './controls.ts';
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

/** How clients log in. The password never reaches argv, a log or a report. */
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
   * Finds out through the shell what the machine has of what these controls take, or of what all take. Changes nothing there.
   * Absent without a shell. Errors: ClusterError when the machine cannot be looked at.
   */
  probe?(needs?: readonly CapabilityName[]): Promise<readonly MachineFinding[]>;
}

/** A place where load workers run: a namespace, a container's network, or this host. */
export interface ClientSite {
  readonly name: string;
  /** For the report, as what load comes from: 'a client namespace'. */
  readonly description: string;
  /** Leads there; a worker is a program on its standard streams. */
  readonly shell: Shell;
  /** Another machine than the harness's: programs of this one are not there. */
  readonly isRemote: boolean;
}

export interface MemberState {
  readonly node: string;
  /** What PostgreSQL itself says; `down` when it does not answer. */
  readonly role: 'primary' | 'replica' | 'down';
  /** Patroni's word: running, streaming, in archive recovery, start failed, stopped, ...; undefined if nobody knows. */
  readonly state?: string;
  readonly timeline?: number;
  /** Primary: insert position; replica: replayed position. */
  readonly lsn?: string;
  /** Replica: whether it has a streaming WAL receiver now. */
  readonly isStreaming?: boolean;
  /** pg_postmaster_start_time() in Unix seconds by the node's clock: the same for as long as the server lives. */
  readonly startedAt?: string;
  /** The start of its checkpointer likewise: later when the postmaster ended all its processes and started them anew. */
  readonly processesSince?: string;
}

/** Two primaries is a legal answer: split brain. */
export interface Topology {
  /** Holder of Patroni's lock; undefined when nobody holds it, or nobody can say. */
  readonly leader?: string;
  /** The lock service gave no answer; absent when it did. */
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
  /** Maintenance mode on or off; resolves when every member that answers has seen it. Harmless to repeat. */
  pause(isPaused: boolean, signal: AbortSignal): Promise<void>;
  /** Restarts PostgreSQL on one member in an orderly way. */
  restart(node: string, signal: AbortSignal): Promise<string>;
  /** Throws a replica's data away and clones it from the leader; resolves when that has begun. */
  reinitialize(node: string, signal: AbortSignal): Promise<string>;
}

/** The members of the lock service, by the backend's own names for them. */
export interface DcsControl {
  readonly members: readonly string[];
  /** Signals one member's process; SIGKILL: resolves when it is gone. */
  signal(member: string, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Starts the member with the data it had; harmless if it runs. */
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
  readonly versions: Versions;
  readonly patroni?: PatroniControl;
  readonly dcs?: DcsControl;
  /** What `attach` of its backend takes to find this cluster again. JSON, without a password. */
  readonly record?: unknown;
  /**
   * Starts dead-man timers at the target, for what outlives this process: each heals its machine when this process has
   * died, or was silent for the lease. Absent where the cluster dies with this process. `owner`: the run's id.
   * Errors: ClusterError naming the machine, also when another run's timers are in force there.
   */
  guard?(owner: string): Promise<Guard>;
  topology(signal: AbortSignal): Promise<Topology>;
  collectLogs(directory: string): Promise<void>;
}

/** Dead-man timers in force. Disposing it is releasing it. */
export interface Guard extends AsyncDisposable {
  /** Rejects with a ClusterError when a timer healed because this process was silent for too long. Never resolves. */
  readonly lost: Promise<never>;
  /** Ends the timers without their doing anything. Returns one sentence per timer that had healed before. */
  release(): Promise<readonly string[]>;
}

/** A cluster that another process holds, and the commands that lead into it. Errors: ScenarioError for no such node. */
export interface LiveCluster {
  readonly id: string;
  readonly backend: string;
  /** As in `Cluster`; absent where it cannot be attached to. */
  readonly record?: unknown;
  /** The process that held it was killed, and the cluster stayed. */
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
  /** What was found (version, path) or what is missing. */
  readonly detail: string;
  /** What to do about it; a command where there is one. */
  readonly remedy?: string;
  /** Debian packages that would bring it. */
  readonly packages?: readonly string[];
}

/** Something that a machine has or lacks. */
export interface MachineFinding extends Finding {
  /** The controls that cannot work without it; empty: it is shown and needed by none. */
  readonly neededBy: readonly CapabilityName[];
}

/** Who runs the harness: what a backend can give may depend on it. */
export interface HostUser {
  readonly isRoot: boolean;
}

/** Capability -> why it is not there and what to do, as the planner's refusal says it. */
export type Lacks = Readonly<Partial<Record<CapabilityName, string>>>;

export interface BootOptions {
  /** Unique among clusters on this host; used in names of namespaces, containers, folders. */
  readonly id: string;
  readonly spec: ClusterSpec;
  /** What the plan's faults will act through. Some capabilities cost something all the time: they are there when named. */
  readonly needs?: readonly CapabilityName[];
  /** In place of the backend's own, where it makes single servers from images. */
  readonly image?: string;
  /** A folder of the run for files the backend must leave behind (lab record, logs of a failed boot). */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** One line per step, for people. */
  log(line: string): void;
}

export interface ClusterBackend {
  readonly summary: string;
  /** Its own keys in `cluster:`, beside those that every backend has. Absent: none. */
  readonly params?: Schema<Json>;
  /** What the nodes of such a cluster will be called, in their order: for targets, before anything boots. */
  nodeNames(cluster: Pick<ClusterSpec, 'nodes' | 'topology' | 'own'>): readonly string[];
  /** Capabilities of its nodes and cluster: the planner refuses what a fault needs beyond these. */
  readonly offers: readonly CapabilityName[];
  /** What clusters of this kind lack, of `offers` or beyond them, and why. Known before anything boots. */
  lacks?(topology: ClusterSpec['topology'], user: HostUser): Lacks;
  /** What clusters it can make. */
  readonly topologies: readonly ClusterSpec['topology'][];
  readonly sites: readonly string[];
  /** What its servers run with beyond PostgreSQL's defaults; the scenario's own go before them. Absent: not its to say. */
  parameters?(topology: ClusterSpec['topology']): Readonly<Record<string, string>>;
  /** Of what `spec` and the faults' `needs` take, where these are known; of all clusters that it could make otherwise. */
  preflight(spec?: ClusterSpec, needs?: readonly CapabilityName[]): Promise<readonly Finding[]>;
  /** Brings what is missing, or throws an EnvironmentError with the command that would. */
  install?(findings: readonly Finding[], log: (line: string) => void): Promise<void>;
  /** The same, of what no run brings by itself but somebody must ask for: a service, an image of some minutes. */
  installAsked?(findings: readonly Finding[], log: (line: string) => void): Promise<void>;
  boot(options: BootOptions): Promise<Cluster>;
  /** Connects to a cluster another process holds (`forkpoint lab`); disposing it leaves the cluster up. */
  attach?(record: unknown): Promise<Cluster>;
  /** Whether the cluster of this record is up, whoever holds it. Errors: EnvironmentError when that cannot be told. */
  isUp?(record: unknown): Promise<boolean>;
  /** Clusters that living processes hold on this host, for other terminals. Errors: EnvironmentError. */
  live?(): Promise<readonly LiveCluster[]>;
  /** Removes what killed runs left on this host, and says which runs; what a living process holds stays. */
  clean?(): Promise<readonly string[]>;
}
