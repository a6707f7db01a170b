import type { Difference } from '../contracts/history.ts';
import { isWorse, type Compared, type Comparison } from './compare.ts';
import { outcomeWords } from './trend.ts';
import { describeDifference } from './describe-difference.ts';

/** The output of `compare`: worse scenarios first, then the numbers of each scenario. */
export function renderCompared(
  compared: Compared,
  names: { readonly before: string; readonly after: string },
): string {
  const { comparisons, onlyBefore, onlyAfter } = compared;
  const worse = comparisons.filter(isWorse).length;
  const lines = [
    `before: ${names.before}`,
    `after:  ${names.after}`,
    '',
    ...comparisons.toSorted((a, b) => Number(isWorse(b)) - Number(isWorse(a))).flatMap(described),
    ...onlyBefore.map((name) => `${name}: only before`),
    ...onlyAfter.map((name) => `${name}: only after`),
    ...(comparisons.length === 0 ? ['No scenario has a run on both sides.'] : []),
    ...['', `${worse} of ${comparisons.length} worse`],
  ];
  return `${lines.join('\n')}\n`;
}

function described(comparison: Comparison): string[] {
  const { scenario, overrides, otherBefore, outcome, differences } = comparison;
  const name = [scenario, ...overrides].join(' ');
  const said = outcome === null ? '' : `, ${outcomeWords[outcome]}`;
  const mark = isWorse(comparison) ? 'WORSE ' : '';
  return [
    `${mark}${name}: ${statuses(comparison.before)} -> ${statuses(comparison.after)}${said}`,
    ...(otherBefore === null
      ? []
      : [`  not the same situation: before it was ${otherBefore}; differences may come from that`]),
    ...differences.map(
      (difference) => `  ${verdictOf(difference)}${describeDifference(difference)}`,
    ),
  ];
}

function verdictOf({ isWorse: worse, threshold }: Difference): string {
  if (worse === true) return 'beyond its threshold: ';
  return worse === null && threshold !== null ? 'cannot be compared: ' : '';
}

/** `pass`, `4 pass, 1 fail` */
function statuses(runs: Comparison['before']): string {
  const counts = new Map<string, number>();
  for (const { status } of runs) counts.set(status, (counts.get(status) ?? 0) + 1);
  if (runs.length === 1) return runs[0]?.status ?? '';
  return [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
}
