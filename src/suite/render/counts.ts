import type { Outcome } from '../../contracts/history.ts';
import type { EntryStatus, ScenarioSummary, SuiteResult } from '../../contracts/suite.ts';
import { statusWord } from '../../std/units/status-word.ts';
import { outcomeWords } from '../../history/trend.ts';
import { describeDifference } from '../../history/describe-difference.ts';

const statusWords: Readonly<Partial<Record<EntryStatus, string>>> = {
  pass: 'passed',
  fail: 'failed',
  bug: 'ended by a bug of Forkpoint',
  knownDefect: 'with a known defect',
};

/** `4 runs: 3 passed, 1 failed` */
export function countsOf({ entries }: Pick<SuiteResult, 'entries'>): string {
  const counts = new Map<EntryStatus, number>();
  for (const { status } of entries) counts.set(status, (counts.get(status) ?? 0) + 1);
  const each = [...counts].map(
    ([status, count]) => `${count} ${statusWords[status] ?? statusWord(status)}`,
  );
  return `${entries.length} ${entries.length === 1 ? 'run' : 'runs'}: ${each.join(', ')}`;
}

/** `new: a, b`, `still failing: c`: the changes since the earlier runs, worst first. */
export function changesOf(scenarios: readonly ScenarioSummary[]): readonly string[] {
  const order: readonly Outcome[] = ['new', 'stillFailing', 'flaky', 'fixed'];
  return order.flatMap((outcome) => {
    const labels = scenarios.filter((each) => each.outcome === outcome).map(({ label }) => label);
    return labels.length === 0 ? [] : [`${outcomeWords[outcome]}: ${labels.join(', ')}`];
  });
}

/** `partition-5s: outage 5.2 s, before 4.1 s (+26 %; at most +20%)`: differences beyond their threshold. */
export function breachesOf(scenarios: readonly ScenarioSummary[]): readonly string[] {
  return scenarios.flatMap(({ label, differences }) =>
    differences
      .filter(({ isWorse }) => isWorse === true)
      .map((difference) => `${label}: ${describeDifference(difference)}`),
  );
}

/** `0.20 (0.04..0.62)`: the probability of a loss and its 95 % confidence interval. */
export function lossProbability({ lossProbability: p, lossInterval }: ScenarioSummary): string {
  if (p === null || lossInterval === null) return 'unknown';
  const [low, high] = lossInterval;
  return `${p.toFixed(2)} (${low.toFixed(2)}..${high.toFixed(2)})`;
}
