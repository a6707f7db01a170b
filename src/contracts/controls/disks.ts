/* What can be done to the disks of a machine. */

export type DiskArea = 'data' | 'wal';

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
