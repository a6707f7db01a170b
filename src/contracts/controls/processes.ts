/* What can be done to the processes of PostgreSQL and Patroni on a machine. */

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

/** A PostgreSQL server that is started past Patroni on the node's own data, as by hand or by another service. */
export interface StrayControl {
  /**
   * Starts it by pg_ctl as the owner of the data, with the settings of its own files, and resolves when it lets sessions in.
   * Errors: ClusterError with the end of its log, also where a server runs there already.
   */
  start(tag: string): Promise<void>;
  /**
   * A fast shutdown; resolves when it has ended. Harmless where it does not run; where Patroni runs, the server is left to it: it
   * takes over what it finds.
   */
  stop(tag: string): Promise<void>;
  /** Without a tag: any such server. */
  isRunning(tag?: string): Promise<boolean>;
}

/** A Patroni of another cluster that was given the same scope, on the node's machine, with ports and data of its own. */
export interface SecondClusterControl {
  /**
   * Resolves once it has ended, with its last words, or its server runs, with the role that Patroni gives it.
   * Errors: ClusterError where neither happens.
   */
  start(tag: string, name: string): Promise<{ readonly ended: string } | { readonly role: string }>;
  /** Ends it at once and removes its files. Harmless where it does not run. */
  end(tag: string): Promise<void>;
  isRunning(tag: string): Promise<boolean>;
}

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
