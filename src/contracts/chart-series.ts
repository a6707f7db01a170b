/** Times are milliseconds since the start of the load; each list has one entry per bucket. */
export interface Timeline {
  readonly bucketMs: number;
  /** Operations by the moment of their answer. */
  readonly acknowledged: readonly number[];
  readonly failed: readonly number[];
  readonly indeterminate: readonly number[];
  /** From the intended start; null where nothing was acknowledged. */
  readonly latencyMs: Readonly<Record<'p50' | 'p99' | 'max', readonly (number | null)[]>>;
  readonly roles: readonly RoleSpan[];
  /** Of each replica, as it was seen about once a second; negative: ahead of the primary. */
  readonly lagBytes: Readonly<Record<string, readonly (readonly [atMs: number, bytes: number])[]>>;
  /** When nodes gave the load's clients no answer; null: no client knocked. Absent: an older version ran it. */
  readonly unreachable?: readonly UnreachableSpan[] | null;
}

export interface UnreachableSpan {
  readonly node: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** leader: primary with Patroni's lock. primary: it takes writes and has no lock, or there is no lock to have. */
export interface RoleSpan {
  readonly node: string;
  readonly role: 'leader' | 'primary' | 'replica' | 'down';
  readonly timeline: number | null;
  readonly fromMs: number;
  readonly toMs: number;
}
