/** Holds back what Patroni does to the data of an old primary that comes back. Nothing else waits for it. */
export interface RewindControl {
  /**
   * From now on pg_rewind of this node waits before it begins, at most so long, and no longer than this process lives. Harmless to
   * repeat. Errors: ClusterError.
   */
  hold(mostMs: number): Promise<void>;
  /** It goes on, and later ones do not wait. Harmless without a hold. */
  release(): Promise<void>;
}
