import type { Outcome, RunRecord } from '../contracts/history.ts';

type Verdict = 'passed' | 'failed' | 'mixed';

/** Runs that say something about the cluster, or about us: the others never got a verdict. */
const withVerdict: ReadonlySet<RunRecord['status']> = new Set([
  ...(['pass', 'fail', 'unknown', 'bug', 'invalid'] as const),
]);

/** How many nights are looked back at. */
export const nightsLookedAt = 7;

/**
 * What the nights before say about tonight's runs of one situation. `before`: the runs of each night, newest first.
 * Flaky: runs of one night disagree, tonight or then, or the verdict changed three times and more; twice is a failure
 * that was mended and came back, which must not hide behind that word. A verdict of unknown did not pass.
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

/** In words, as every table and report has them. */
export const outcomeWords: Readonly<Record<Outcome, string>> = {
  new: 'new',
  fixed: 'fixed',
  flaky: 'flaky',
  stillFailing: 'still failing',
};
