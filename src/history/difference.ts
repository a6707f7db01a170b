import type { Difference, Metric, RunRecord } from '../contracts/history.ts';
import type { Threshold, Thresholds } from '../contracts/scenario.ts';
import { formatDuration } from '../std/units/units.ts';

interface MetricKind {
  readonly of: (run: RunRecord) => number | null;
  /** The direction that is worse. */
  readonly sign: '+' | '-';
  readonly amount: (value: number) => string;
}

export const metrics: Readonly<Record<Metric, MetricKind>> = {
  lost: { of: ({ lost }) => lost, sign: '+', amount: String },
  outage: { of: ({ outageMs }) => outageMs, sign: '+', amount: formatDuration },
  throughput: { of: ({ ackedPerSecond }) => ackedPerSecond, sign: '-', amount: String },
  verification: { of: ({ idsPerSecond }) => idsPerSecond, sign: '-', amount: String },
};

/**
 * The difference of each number between two groups of runs, by their medians, and whether it is beyond the thresholds of
 * the latest run that has any.
 */
export function differencesOf(
  before: readonly RunRecord[],
  after: readonly RunRecord[],
): readonly Difference[] {
  const thresholds = after.findLast((run) => run.thresholds !== null)?.thresholds ?? {};
  return (Object.keys(metrics) as Metric[]).map((metric) =>
    differenceOf(metric, { before, after, thresholds }),
  );
}

function differenceOf(
  metric: Metric,
  groups: {
    readonly before: readonly RunRecord[];
    readonly after: readonly RunRecord[];
    readonly thresholds: Thresholds;
  },
): Difference {
  const { of, sign } = metrics[metric];
  const before = median(groups.before.flatMap((run) => of(run) ?? []));
  const after = median(groups.after.flatMap((run) => of(run) ?? []));
  const threshold = groups.thresholds[metric];
  const isKnown = before !== null && after !== null;
  const change = isKnown && before !== 0 ? hundredths(((after - before) / before) * 100) : null;
  return {
    metric,
    before,
    after,
    changePercent: change,
    threshold: threshold === undefined ? null : formatThreshold(metric, threshold),
    isWorse: isKnown && threshold ? isBeyond({ before, after, sign }, threshold) : null,
  };
}

/** '+20%', '+2s', '-15%'. */
export function formatThreshold(metric: Metric, threshold: Threshold): string {
  const { sign, amount } = metrics[metric];
  return 'percent' in threshold
    ? `${sign}${threshold.percent}%`
    : `${sign}${amount(threshold.amount)}`;
}

function isBeyond(
  { before, after, sign }: { before: number; after: number; sign: '+' | '-' },
  threshold: Threshold,
): boolean {
  const allowed = 'percent' in threshold ? (before * threshold.percent) / 100 : threshold.amount;
  return (sign === '+' ? after - before : before - after) > allowed;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}
