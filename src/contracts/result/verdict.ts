/** What was decided, and by what. */
export interface VerdictSection {
  /** `knownDefect`: demands do not hold, and a known defect of the versions that ran explains all of it. */
  readonly status: 'pass' | 'fail' | 'unknown' | 'knownDefect';
  /** The issue of that defect, such as `patroni #2693`; null: the status is another. */
  readonly knownDefect: string | null;
  /** Why the run could not be judged in full; empty when it could. */
  readonly problems: readonly string[];
  /** Whether the run was ended before its time, by Ctrl-C or a signal. */
  readonly isInterrupted: boolean;
  readonly checks: readonly CheckResult[];
}

export interface CheckResult {
  readonly check: string;
  readonly status: 'pass' | 'fail' | 'unknown';
  readonly summary: string;
  /** As in the stored plan; null: none, or an earlier version stored it in `summary` alone. */
  readonly demand: unknown;
  readonly measured: unknown;
}
