/** What was decided, and by what. */
export interface VerdictSection {
  readonly status: 'pass' | 'fail' | 'unknown';
  /** Why the run could not be judged in full; empty when it could. */
  readonly problems: readonly string[];
  readonly checks: readonly CheckResult[];
}

export interface CheckResult {
  readonly check: string;
  readonly status: 'pass' | 'fail' | 'unknown';
  readonly summary: string;
  readonly measured: unknown;
}
