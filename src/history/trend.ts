import type { Outcome, RunRecord } from '../contracts/history.ts';

type Verdict = 'passed' | 'failed' | 'mixed';

/** Statuses that say something about the cluster or Forkpoint; the other runs never got a verdict. */
const withVerdict: ReadonlySet<RunRecord['status']> = new Set([
  ...(['pass', 'fail', 'unknown', 'bug', 'invalid', 'knownDefect'] as const),
]);

/** How many earlier suite runs are considered. */
export const nightsLookedAt = 7;

/**
 * Classifies the latest runs of one situation by the earlier ones. `before`: the runs of each suite run, newest first.
 * Flaky: runs of one suite run disagree, now or earlier, or the verdict changed at least three times. Two changes are a
 * failure that was fixed and came back, which must not be hidden as flaky. A verdict of unknown is not a pass.
 */
export function outcomeOf(
  tonight: readonly RunRecord[],
  before: readonly (readonly RunRecord[])[],
): Outcome | null {
  const now = verdictOf(tonight);
  if (now === undefined) return null;
  const nights = before.flatMap((runs) => verdictOf(runs) ?? []).slice(0, nightsLookedAt);
  const all = [now, ...nights];
  const changes = all.filter((verdict, index) => index > 0 && verdict !== all[index - 1]).length;
  if (all.includes('mixed') || changes >= 3) return 'flaky';
  const [last] = nights;
  if (now === 'failed') return last === 'failed' ? 'stillFailing' : 'new';
  return last === 'failed' ? 'fixed' : null;
}

function verdictOf(runs: readonly RunRecord[]): Verdict | undefined {
  const judged = runs.filter(({ status }) => withVerdict.has(status));
  const passed = judged.filter(({ status }) => status === 'pass').length;
  if (judged.length === 0) return undefined;
  if (passed === judged.length) return 'passed';
  return passed === 0 ? 'failed' : 'mixed';
}

/** The words of every table and report. */
export const outcomeWords: Readonly<Record<Outcome, string>> = {
  new: 'new',
  fixed: 'fixed',
  flaky: 'flaky',
  stillFailing: 'still failing',
};
