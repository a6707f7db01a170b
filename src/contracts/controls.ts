import type { HostControl, NeighbourControl, VolumeControl } from './objects.ts';
import type { Shell } from './shell.ts';

/*
 * The controls of a node, which faults act through. A backend provides those that it can.
 */

export type Service = 'all' | 'postgres' | 'patroni' | 'dcs';
export type Peer =
  | { readonly kind: 'all' }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'dcs' }
  | { readonly kind: 'clients'; readonly site?: string }
  /** HAProxy and PgBouncer, wherever the routes of the load have them. */
  | { readonly kind: 'proxies' };

/** An end of packet rules whose addresses not every cluster gives. */
export type FarEnd = 'dcs' | 'proxies' | 'clients';

/** One TCP connection as a machine's kernel shows it. Addresses as text, of either version of IP. */
export interface TcpConnection {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** One packet filter rule, seen from the node it is applied to. The backend knows the addresses. */
export interface Rule {
  readonly action: 'drop' | 'reject';
  readonly direction: 'in' | 'out';
  readonly peer: Peer;
  /** A service of the node or the peer: matches its port on either end. */
  readonly service: Service;
  /** 0..1; undefined is every packet. */
  readonly probability?: number;
  /** Only packets of at least this many bytes, their IP header included. */
  readonly minBytes?: number;
  /** Only packets of this connection, whatever `peer` and `service` say; others between the same machines pass. */
  readonly connection?: TcpConnection;
}

export type ProcessTarget = 'postgres' | 'patroni' | 'node';

/** frozen: the target's processes exist, and every one is frozen. */
export type ProcessState = 'gone' | 'frozen' | 'running';

/**
 * The kinds of a PostgreSQL server's processes that faults can name. walsender: of a replica or a base backup;
 * backend: of a client.
 */
export type ServerProcessKind =
  | 'postmaster'
  | 'checkpointer'
  | 'background-writer'
  | 'walwriter'
  | 'autovacuum-launcher'
  | 'archiver'
  | 'startup'
  | 'walreceiver'
  | 'walsender'
  | 'logical-walsender'
  | 'backend';

/** One process of a PostgreSQL server, as the machine's kernel and its title show it. */
export interface ServerProcess {
  readonly pid: number;
  /** other: none that a fault can name. */
  readonly kind: ServerProcessKind | 'other';
  readonly title: string;
  readonly isFrozen: boolean;
  /** What the kernel's OOM killer counts: resident memory, swap and page tables. */
  readonly memoryBytes: number;
  /** oom_score: the OOM killer chooses the highest. */
  readonly oomScore: number;
  /** oom_score_adj: -1000 is never chosen. */
  readonly oomAdjustment: number;
}

export type ProcessSignal = 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGSTOP' | 'SIGCONT';

export interface ProcessControl {
  /** The processes of PostgreSQL here, those without a postmaster too. Errors: ClusterError when the search failed. */
  servers(): Promise<readonly ServerProcess[]>;
  /**
   * Signals these processes of PostgreSQL and no other; resolves when SIGKILL has ended them, or SIGSTOP has stopped them.
   * Returns those that were there. Harmless where none is.
   */
  signalServers(pids: readonly number[], signal: ProcessSignal): Promise<readonly number[]>;
  /**
   * Signals every process of the target; resolves when sent (SIGKILL: when they are gone). Errors: ClusterError where a signal
   * that harms meets no process.
   */
  signal(
    target: ProcessTarget,
    signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'SIGSTOP' | 'SIGCONT',
  ): Promise<void>;
  /** Starts the processes of the target that do not run; harmless if all do. */
  start(target: ProcessTarget): Promise<void>;
  /** Whether any process of the target exists, frozen or not. */
  isRunning(target: ProcessTarget): Promise<boolean>;
  state(target: ProcessTarget): Promise<ProcessState>;
}

export interface NetworkControl {
  /** Adds these rules in one atomic step under `tag`; replaces the tag's earlier rules. */
  apply(tag: string, rules: readonly Rule[]): Promise<void>;
  /** Removes the tag's rules; harmless without any. */
  clear(tag: string): Promise<void>;
  /** Whether rules of `tag` are in force. */
  holds(tag: string): Promise<boolean>;
  /** Established TCP connections with these peers, of a service at either end; never those that the harness works through. */
  connections(peers: readonly Peer[], service: Service): Promise<readonly TcpConnection[]>;
  /**
   * Ends these connections: the machine's own socket fails with ECONNABORTED, and the other end gets a reset. Harmless where one is
   * gone. Returns those that were there. Errors: ClusterError where the kernel cannot end sockets.
   */
  reset(connections: readonly TcpConnection[]): Promise<readonly TcpConnection[]>;
  /**
   * Tries the very paths that the rules of `tag` cut, from both ends where both can be reached. Undefined: the tag has no
   * rules here. Absent: a network of our own, where rules are enough.
   */
  prove?(tag: string): Promise<Proof | undefined>;
}

/** Whether a cut is in force, by trying it. */
export interface Proof {
  /** One sentence for each path: 'pg1 to pg2:5432: no answer'. */
  readonly tried: readonly string[];
  /** Why it is not proven to be in force; absent: it is. */
  readonly doubt?: string;
}

export interface FileControl {
  /** Copies the data directory inside the node, before a rewind erases the evidence. */
  snapshotData(label: string): Promise<{ readonly path: string; readonly bytes: number }>;
}

export type DiskArea = 'data' | 'wal';

/** How packets that leave a node are delayed. Undefined: not at all. */
export interface Shape {
  readonly delayMs?: number;
  /** Each packet's delay varies by delayMs ± up to this; order within a connection stays. */
  readonly jitterMs?: number;
  readonly bytesPerSecond?: number;
}

export interface ShapingControl {
  /**
   * Shapes the traffic that the node sends from now on; replaces the tag's earlier shape. Delays of several tags add up, the
   * lowest rate counts. Returns the means, for the journal: 'netem', 'tbf', 'a userspace relay'.
   * Errors: ClusterError when this host's kernel has no means for it.
   */
  shape(tag: string, shape: Shape): Promise<string>;
  /** Harmless if the tag has no shape. */
  unshape(tag: string): Promise<void>;
  /** Whether the tag's shape is still in force, by the means found on the node. */
  holds(tag: string): Promise<boolean>;
}

/** One session that is held open. */
export interface HeldSession {
  /** Sent one after the other, each as a transaction of its own unless one of them begins one. */
  readonly statements: readonly string[];
  /** Sent last, and expected to wait for a lock. */
  readonly waits?: string;
  /** Its transaction is then prepared under a name of the tag: it outlives the session, which is closed, and the server's process. */
  readonly isPrepared?: true;
}

/** What the server has now of what a tag holds. */
export interface HeldNow {
  readonly sessions: number;
  /** SQLSTATEs that ended sessions of this process; '' for a connection that broke. */
  readonly endedBy: readonly string[];
  readonly hasPrepared: boolean;
  /** Undefined: the tag has none here. */
  readonly slot?: HeldSlot;
}

/** A replication slot that no one reads. */
export interface HeldSlot {
  readonly name: string;
  /** Somebody reads from it after all. */
  readonly isActive: boolean;
  /** pg_replication_slots.wal_status: `lost` where max_slot_wal_keep_size has let the WAL go. */
  readonly walStatus: string;
  /** Of WAL, from where it holds to where the server writes or has received; null where it holds none. */
  readonly retainedBytes: number | null;
}

/** A session of the superuser on this member itself, whatever its role and its network. */
export interface SqlControl {
  /** One statement, values bound. Errors: ClusterError with the server's message. */
  query(
    text: string,
    values?: readonly unknown[],
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /**
   * Opens sessions and keeps them, named by the tag, until `release`; resolves when each has run its statements, and those that are
   * to wait do. They end by themselves when this process dies. Errors: ClusterError with the server's message; what was
   * opened until then stays.
   */
  hold(tag: string, sessions: readonly HeldSession[], signal?: AbortSignal): Promise<void>;
  /** Makes a replication slot named by the tag, from the server's present WAL on, that no one reads. Returns its name. */
  holdSlot(tag: string, kind: 'physical' | 'logical', signal?: AbortSignal): Promise<string>;
  held(tag: string): Promise<HeldNow>;
  /**
   * Ends what the tag holds, of this process or of one that died: sessions, the slot, and the prepared transaction, which a standby
   * leaves to its primary. Harmless without any.
   */
  release(tag: string, signal?: AbortSignal): Promise<void>;
}

/** The clock of PostgreSQL and Patroni on this node; the host's own never changes. */
export interface ClockControl {
  /** Errors: ClusterError when the node was not started under libfaketime. */
  skew(byMs: number): Promise<void>;
  reset(): Promise<void>;
  /** Whether it is off by this much now. */
  isSkewed(byMs: number): Promise<boolean>;
}

/** Both are harmless to repeat, and `free` without a `fill`. */
export interface DiskControl {
  /** Fills the disk of the area until only this much is left; 0 is a full disk. */
  fill(area: DiskArea, leaveBytes: number): Promise<void>;
  free(area: DiskArea): Promise<void>;
  /** Whether what `fill` took is still taken, and how much space there is now. */
  look(area: DiskArea): Promise<{ readonly hasBallast: boolean; readonly freeBytes: number }>;
}

/** write: a change of names and attributes too. */
export type IoOperation = 'read' | 'write' | 'fsync';

/** What a faulty disk does with the operations that reach it. */
export type IoHarm =
  /** They wait until it is over, without an error. */
  | { readonly kind: 'stall'; readonly operations: readonly IoOperation[] }
  /** They wait: each this long, and together for a disk of this throughput. */
  | {
      readonly kind: 'slow';
      readonly operations: readonly IoOperation[];
      readonly latencyMs?: number;
      readonly bytesPerSecond?: number;
    }
  /** They fail with EIO. */
  | { readonly kind: 'error'; readonly operations: readonly IoOperation[] }
  /** Every fsync succeeds at once, and nothing is flushed. */
  | { readonly kind: 'lost-fsync' };

export interface IoControl {
  /** From now on the disk of the area does this. Errors: ClusterError while another tag's harm is in force there. */
  harm(area: DiskArea, tag: string, harm: IoHarm): Promise<void>;
  /** What waits goes on. Harmless without a harm, and where another tag's is in force. */
  heal(area: DiskArea, tag: string): Promise<void>;
  /** Whether the tag's harm is in force, as the disk itself says. */
  holds(area: DiskArea, tag: string): Promise<boolean>;
}

export interface PowerControl {
  /**
   * Ends all processes of the node at once, and drops its page cache, with writes that were not flushed to disk. The machine
   * has power again when this resolves, but nothing runs on it until `process.start`.
   */
  cut(): Promise<void>;
  /** Flushes the page cache to the disks, as the kernel does by itself after half a minute. */
  flush(): Promise<void>;
}

export type LimitedResource = 'cpu' | 'memory';

/** What a node may use of its host, and uses. */
export interface Limits {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Memory that the kernel cannot take back by dropping caches; disks in memory count. */
  readonly usedBytes: number;
}

/** The kernel's limits for one node, whatever else runs on its host. */
export interface LimitsControl {
  look(): Promise<Limits>;
  /** `most`: cores, or bytes. Errors: ClusterError with the answer, such as that more memory is in use. */
  limit(resource: LimitedResource, most: number): Promise<void>;
  /** As it was made: all that its host has. Harmless without a limit. */
  lift(resource: LimitedResource): Promise<void>;
}

/** What Kubernetes does to a node that is a pod. */
export interface PodControl {
  /**
   * Deletes it, and resolves when it is gone; its owner makes another one of its name. `graceMs`: for the orderly end of its
   * programs; undefined: as the pod says, 0: none.
   */
  remove(graceMs?: number): Promise<void>;
  /**
   * The same by an eviction, which a PodDisruptionBudget may refuse: it is asked again for so long.
   * Errors: NotCarriedOut with its refusal, EnvironmentError with any other answer.
   */
  evict(withinMs?: number): Promise<void>;
}

/** An HAProxy or a PgBouncer, on its own machine. */
export interface ProxyControl {
  readonly kind: 'haproxy' | 'pgbouncer';
  /** One command to its admin interface, as argv for the machine's shell; prints the answer. No password is among it. */
  adminCommand(command: string): readonly string[];
}

/** A control that the backend cannot provide is absent, never a throwing stub. */
export interface Capabilities {
  /** Runs commands on the machine, as root. */
  shell: Shell;
  process: ProcessControl;
  network: NetworkControl;
  files: FileControl;
  disk: DiskControl;
  io: IoControl;
  shaping: ShapingControl;
  sql: SqlControl;
  clock: ClockControl;
  power: PowerControl;
  limits: LimitsControl;
  pod: PodControl;
  proxy: ProxyControl;
  host: HostControl;
  neighbours: NeighbourControl;
  volume: VolumeControl;
}
/** `patroni`, `dcs`, `scale` and `chaos` are the cluster's, `proxy` is of the machines of its proxies, the others are each node's. */
export type CapabilityName = keyof Capabilities | 'patroni' | 'dcs' | 'scale' | 'chaos';
