/** What was decided, and by what. */
export interface VerdictSection {
  readonly status: 'pass' | 'fail' | 'unknown';
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
