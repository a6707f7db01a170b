import type { DiskControl, IoControl, PowerControl } from './controls/disks.ts';
import type { NetworkControl, ShapingControl } from './controls/network.ts';
import type { ProcessControl, SecondClusterControl, StrayControl } from './controls/processes.ts';
import type { RewindControl } from './controls/rewind.ts';
import type { SqlControl } from './controls/sql.ts';
import type { HostControl, NeighbourControl, VolumeControl } from './objects.ts';
import type { Json } from './json.ts';
import type { Shell } from './shell.ts';

export type * from './controls/disks.ts';
export type * from './controls/network.ts';
export type * from './controls/processes.ts';
export type * from './controls/rewind.ts';
export type * from './controls/sql.ts';

/*
 * The controls of a node, which faults act through. A backend provides those that it can.
 */

export interface FileControl {
  /** The data directory, as the node names it. */
  readonly dataFolder: string;
  /** Copies the data directory inside the node, before a rewind erases the evidence. */
  snapshotData(label: string): Promise<{ readonly path: string; readonly bytes: number }>;
}

/** Patroni's tags of one node, as its own configuration file has them. */
export interface TagControl {
  /** Errors: ClusterError when the file cannot be read. */
  read(): Promise<Readonly<Record<string, Json>>>;
  /**
   * Sets these in the file, null takes one away, and has Patroni load it by SIGHUP. The file as it was is kept under the id.
   * Errors: ClusterError, also where Patroni does not run.
   */
  set(id: string, tags: Readonly<Record<string, Json>>): Promise<void>;
  /** Puts the file back that is kept under the id, and has Patroni load it if it runs. Harmless where none is kept. */
  restore(id: string): Promise<void>;
}

/** What is answered for a node's name. */
export type NameChange =
  | { readonly kind: 'gone' }
  /** With the address of another node; absent: with one that no machine has. */
  | { readonly kind: 'wrong'; readonly to?: string }
  | { readonly kind: 'slow'; readonly delayMs: number };

export type NameAsker = 'all' | 'clients' | 'nodes';

/** The name by which clients and other nodes reach a node. */
export interface NameControl {
  readonly name: string;
  /** Changes the answer for these askers; resolves when one of each kind gets it. Errors: ClusterError with what it got. */
  change(tag: string, change: NameChange, askers: NameAsker): Promise<void>;
  /** Harmless where nothing is changed. */
  restore(tag: string): Promise<void>;
  holds(tag: string): Promise<boolean>;
}

/** The certificate that a server shows to who connects with TLS. */
export interface CertificateControl {
  /** When the one ends that it has. Errors: ClusterError. */
  endsAt(): Promise<Date>;
  /**
   * Gives it one of the same authority for the same names, which ends at this time, in whole seconds; the one it had is kept under the
   * id. Resolves when the server shows it. Errors: ClusterError, also where PostgreSQL does not run.
   */
  replace(id: string, endsAt: Date): Promise<void>;
  /** Puts back what is kept under the id, and has the server load it if it runs. Harmless where none is kept. */
  restore(id: string): Promise<void>;
}

/** The clock of PostgreSQL and Patroni on this node; the host's own never changes. */
export interface ClockControl {
  /** Errors: ClusterError when the node was not started under libfaketime. */
  skew(byMs: number): Promise<void>;
  reset(): Promise<void>;
  /** Whether it is off by this much now. */
  isSkewed(byMs: number): Promise<boolean>;
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
  stray: StrayControl;
  secondCluster: SecondClusterControl;
  tags: TagControl;
  certificates: CertificateControl;
  names: NameControl;
  network: NetworkControl;
  files: FileControl;
  rewind: RewindControl;
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
/** `patroni`, `dcs`, `scale`, `chaos`, `sink`, `consumers`, `archive` and `standby` are the cluster's, `proxy` is of the machines of its proxies, the others are each node's. */
export type CapabilityName =
  | keyof Capabilities
  | 'patroni'
  | 'dcs'
  | 'scale'
  | 'chaos'
  | 'sink'
  | 'consumers'
  | 'archive'
  | 'standby';
