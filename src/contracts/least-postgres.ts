/** The oldest PostgreSQL that a scenario can run on. */
export interface LeastPostgres {
  /** Its major version. */
  readonly major: number;
  /** The key that needs it: 'downstream.feed.failover'. */
  readonly key: string;
}
