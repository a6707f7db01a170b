/* What can be done on a server by SQL, and held there. */

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
  /** A consumer reads from it after all. */
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
