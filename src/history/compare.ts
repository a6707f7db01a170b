import type { Difference, Outcome, RunRecord } from '../contracts/history.ts';
import { differencesOf } from './difference.ts';
import { grouped } from './suite-runs.ts';
import { outcomeOf } from './trend.ts';
import { situationOf } from './run-record.ts';

/** Two groups of runs of one situation. */
export interface Comparison {
  readonly scenario: string;
  readonly overrides: readonly string[];
  /** The scenario and backend of the earlier runs if they differ: the difference may come from that. */
  readonly otherBefore: string | null;
  readonly before: readonly RunRecord[];
  readonly after: readonly RunRecord[];
  readonly outcome: Outcome | null;
  readonly differences: readonly Difference[];
}

export interface Compared {
  readonly comparisons: readonly Comparison[];
  /** Scenarios that only one side has run. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

/** Compares runs situation by situation; one run with one other run whatever their situations. */
export function compareRuns(before: readonly RunRecord[], after: readonly RunRecord[]): Compared {
  if (before.length === 1 && after.length === 1) {
    return { comparisons: [comparisonOf(before, after)], onlyBefore: [], onlyAfter: [] };
  }
  const earlier = grouped(before, situationOf);
  const later = grouped(after, situationOf);
  const shared = [...later.keys()].filter((situation) => earlier.has(situation)).sort();
  return {
    comparisons: shared.map((key) => comparisonOf(earlier.get(key) ?? [], later.get(key) ?? [])),
    onlyBefore: namesOf(earlier, later),
    onlyAfter: namesOf(later, earlier),
  };
}

/** 0: nothing is worse; 1: something is worse; 2: unknown. */
export function exitCodeOf({ comparisons }: Compared): 0 | 1 | 2 {
  if (comparisons.some(isWorse)) return 1;
  const isOpen = comparisons.some(({ after, differences }) => {
    const isUnmeasured = differences.some((each) => each.threshold !== null && !isTold(each));
    return isUnmeasured || after.every(({ status }) => !verdicts.has(status));
  });
  return isOpen || comparisons.length === 0 ? 2 : 0;
}

/** Fails where the earlier runs did not, no longer passes each time, or is beyond a threshold. */
export function isWorse({ before, outcome, differences }: Comparison): boolean {
  const passedBefore = before.every(({ status }) => status === 'pass');
  return (
    outcome === 'new' ||
    (outcome === 'flaky' && passedBefore) ||
    differences.some((each) => each.isWorse === true)
  );
}

const verdicts = new Set(['pass', 'fail', 'unknown', 'bug', 'invalid', 'knownDefect']);

function isTold({ isWorse: told }: Difference): boolean {
  return told !== null;
}

function comparisonOf(before: readonly RunRecord[], after: readonly RunRecord[]): Comparison {
  const [first] = after;
  const [earlier] = before;
  const isOther = first && earlier && situationOf(first) !== situationOf(earlier);
  return {
    scenario: first?.scenario ?? '',
    overrides: first?.overrides ?? [],
    otherBefore: isOther ? `${nameOf(earlier)} on ${earlier.backend}` : null,
    before,
    after,
    outcome: outcomeOf(after, [before]),
    differences: differencesOf(before, after),
  };
}

function namesOf(
  groups: ReadonlyMap<string, readonly RunRecord[]>,
  others: ReadonlyMap<string, unknown>,
): readonly string[] {
  return [...groups]
    .filter(([situation]) => !others.has(situation))
    .map(([, runs]) => (runs[0] ? nameOf(runs[0]) : ''));
}

/** `partition-5s cluster.nodes=5` */
function nameOf({ scenario, overrides }: RunRecord): string {
  return [scenario, ...overrides].join(' ');
}
