import type { Outcome, RunRecord } from '../contracts/history.ts';
import type { EntryResult, ScenarioSummary } from '../contracts/suite.ts';
import { differencesOf } from '../history/difference.ts';
import { nightsOfSituation, type Night } from '../history/suite-runs.ts';
import { nightsLookedAt, outcomeOf } from '../history/trend.ts';
import { situationOf } from '../history/run-record.ts';
import { wilsonInterval } from '../history/wilson.ts';

/** An entry's result, with its line in runs.jsonl; undefined for an entry that never ran. */
export type RecordedEntry = readonly [result: EntryResult, record: RunRecord | undefined];

/** Compares the runs of each entry with earlier runs, newest first, or only with the baseline. */
export function summarize(
  entries: readonly RecordedEntry[],
  nights: readonly Night[],
): readonly ScenarioSummary[] {
  const labels = [...new Set(entries.map(([{ group }]) => group))];
  return labels.map((label) => {
    const runs = entries.filter(([{ group }]) => group === label);
    const records = runs.flatMap(([, record]) => record ?? []);
    const [first] = records;
    const before = first ? nightsOfSituation(nights, situationOf(first)) : [];
    const recent = before.slice(0, nightsLookedAt).flat();
    return {
      label,
      runs: runs.length,
      passed: runs.filter(([{ status }]) => status === 'pass').length,
      ...lossOf(runs.map(([result]) => result)),
      outcome: changeSince(nights, outcomeOf(records, before)),
      differences: recent.length === 0 ? [] : differencesOf(recent, records),
    };
  });
}

/** Empty for the first run of a suite, when everything would be new. */
function changeSince(nights: readonly Night[], outcome: Outcome | null): Outcome | null {
  return nights.length === 0 && outcome === 'new' ? null : outcome;
}

type Loss = Pick<ScenarioSummary, 'measured' | 'lossy' | 'lossProbability' | 'lossInterval'>;

function lossOf(runs: readonly EntryResult[]): Loss {
  const losses = runs.flatMap(({ numbers }) => numbers?.lost ?? []);
  const lossy = losses.filter((lost) => lost > 0).length;
  const measured = losses.length;
  return {
    measured,
    lossy,
    lossProbability: measured === 0 ? null : lossy / measured,
    lossInterval: wilsonInterval(lossy, measured) ?? null,
  };
}

/** Beyond a threshold, or failing where the earlier runs passed. */
export function isRegression({ outcome, differences }: ScenarioSummary): boolean {
  return (
    outcome === 'new' || outcome === 'flaky' || differences.some(({ isWorse }) => isWorse === true)
  );
}
