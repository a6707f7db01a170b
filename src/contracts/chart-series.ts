/** Times are milliseconds since the start of the load; each list has one entry per bucket. */
export interface Timeline {
  readonly bucketMs: number;
  /** Operations by the moment of their answer. */
  readonly acknowledged: readonly number[];
  readonly failed: readonly number[];
  readonly indeterminate: readonly number[];
  /** From the intended start; null if nothing was acknowledged. */
  readonly latencyMs: Readonly<Record<'p50' | 'p99' | 'max', readonly (number | null)[]>>;
  readonly roles: readonly RoleSpan[];
  /** Per replica, read about once a second; negative: ahead of the primary. */
  readonly lagBytes: Readonly<Record<string, readonly (readonly [atMs: number, bytes: number])[]>>;
  /** How old the state was that reads of a node saw, at least: the stalest read of a bucket. Absent: nothing was read. */
  readonly stalenessMs?: Readonly<Record<string, readonly (readonly [atMs: number, ms: number])[]>>;
  /** When nodes did not answer the load's clients; null: no client probed. Absent: an older version ran it. */
  readonly unreachable?: readonly UnreachableSpan[] | null;
}

export interface UnreachableSpan {
  readonly node: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** leader: primary with Patroni's lock. primary: it accepts writes without the lock, or there is no lock. */
export interface RoleSpan {
  readonly node: string;
  readonly role: 'leader' | 'primary' | 'replica' | 'down';
  readonly timeline: number | null;
  readonly fromMs: number;
  readonly toMs: number;
}
