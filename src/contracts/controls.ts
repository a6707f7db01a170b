import type { Shell } from './shell.ts';

/*
 * What faults act through: the controls of a node. A backend gives those it has.
 */

export type Service = 'all' | 'postgres' | 'patroni' | 'dcs';
export type Peer =
  | { readonly kind: 'all' }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'dcs' }
  | { readonly kind: 'clients'; readonly site?: string };

/** One packet filter rule, seen from the node it is applied to. The backend knows the addresses. */
export interface Rule {
  readonly action: 'drop' | 'reject';
  readonly direction: 'in' | 'out';
  readonly peer: Peer;
  /** Which of the node's or the peer's services: matches its port on either end. */
  readonly service: Service;
  /** 0..1; undefined is every packet. */
  readonly probability?: number;
}

export type ProcessTarget = 'postgres' | 'patroni' | 'node';

/** frozen: there, and every one of them is. */
export type ProcessState = 'gone' | 'frozen' | 'running';

export interface ProcessControl {
  /** Signals every process of the target; resolves when sent (SIGKILL: when they are gone). */
  signal(
    target: ProcessTarget,
    signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'SIGSTOP' | 'SIGCONT',
  ): Promise<void>;
  /** Starts whatever of the target is not running; harmless if all is. */
  start(target: ProcessTarget): Promise<void>;
  /** Whether any process of the target is there, frozen or not. */
  isRunning(target: ProcessTarget): Promise<boolean>;
  state(target: ProcessTarget): Promise<ProcessState>;
}

export interface NetworkControl {
  /** Adds these rules in one atomic step under `tag`; replaces what the tag held before. */
  apply(tag: string, rules: readonly Rule[]): Promise<void>;
  /** Removes what `tag` holds; harmless if it holds nothing. */
  clear(tag: string): Promise<void>;
  /** Whether rules of `tag` are in force. */
  holds(tag: string): Promise<boolean>;
}

export interface FileControl {
  /** Copies the data directory aside, inside the node, before a rewind erases the evidence. */
  snapshotData(label: string): Promise<{ readonly path: string; readonly bytes: number }>;
}

export type DiskArea = 'data' | 'wal';

/** How packets are held up on their way out of a node. Undefined: not at all. */
export interface Shape {
  readonly delayMs?: number;
  /** Each packet is late by delayMs ± up to this much; order within a connection stays. */
  readonly jitterMs?: number;
  readonly bytesPerSecond?: number;
}

export interface ShapingControl {
  /**
   * Holds up what the node sends from now on; replaces what `tag` asked for before. Of several tags the delays add up and
   * the lowest rate counts. Returns the means, for the journal: 'netem', 'tbf', 'a userspace relay'.
   * Errors: ClusterError when this host's kernel has no means for it.
   */
  shape(tag: string, shape: Shape): Promise<string>;
  /** Harmless where the tag holds nothing. */
  unshape(tag: string): Promise<void>;
  /** Whether what `tag` asked for is in force still, by the means that stand on the node. */
  holds(tag: string): Promise<boolean>;
}

/** A session of the superuser on this member itself, whatever its role and its network. */
export interface SqlControl {
  /** One statement, values bound. Errors: ClusterError with what the server said. */
  query(
    text: string,
    values?: readonly unknown[],
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** The clock that PostgreSQL and Patroni of this node see; the host's own never changes. */
export interface ClockControl {
  /** Errors: ClusterError when the node was not started under libfaketime. */
  skew(byMs: number): Promise<void>;
  reset(): Promise<void>;
  /** Whether it is off by so much now. */
  isSkewed(byMs: number): Promise<boolean>;
}

/** Both are harmless to repeat, and `free` without a `fill`. */
export interface DiskControl {
  /** Takes space until only so much is left on the disk that holds the area; 0 is a full disk. */
  fill(area: DiskArea, leaveBytes: number): Promise<void>;
  free(area: DiskArea): Promise<void>;
  /** Whether what `fill` took is still taken, and how much space there is now. */
  look(area: DiskArea): Promise<{ readonly hasBallast: boolean; readonly freeBytes: number }>;
}

export interface PowerControl {
  /**
   * Ends everything of the node at once, and with it what was written and not flushed to its disks: the page cache is
   * gone. The machine has power again when this resolves, but nothing runs on it until `process.start`.
   */
  cut(): Promise<void>;
  /** Writes to the disks what the page cache holds, as the kernel does by itself after half a minute. */
  flush(): Promise<void>;
}

/** What a backend cannot give is absent, never a throwing stub. */
export interface Capabilities {
  /** Leads to the machine, as root. */
  shell: Shell;
  process: ProcessControl;
  network: NetworkControl;
  files: FileControl;
  disk: DiskControl;
  shaping: ShapingControl;
  sql: SqlControl;
  clock: ClockControl;
  power: PowerControl;
}
/** `patroni` and `dcs` are the cluster's, the others are each node's. */
export type CapabilityName = keyof Capabilities | 'patroni' | 'dcs';
