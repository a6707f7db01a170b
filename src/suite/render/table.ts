import type { Outcome } from '../../contracts/history.ts';
import type { EntryResult, ScenarioSummary, SuiteResult } from '../../contracts/suite.ts';
import { statusWord } from '../../std/units/status-word.ts';
import { grouped, known, seconds } from '../../std/units/shown.ts';
import { breachesOf, changesOf, countsOf, lossProbability } from './counts.ts';

const widthAtMost = 80;
const shortestName = 16;

interface Column {
  readonly title: string;
  readonly isNumber?: true;
}
const runColumns: readonly Column[] = [
  ...[{ title: 'scenario' }, { title: 'status' }, { title: 'change' }],
  ...(['lost', 'outage', 'time'] as const).map((title) => ({ title, isNumber: true as const })),
  { title: 'report' },
];
const repeatColumns: readonly Column[] = [
  ...[{ title: 'scenario' }, { title: 'runs', isNumber: true as const }],
  ...(['passed', 'lossy'] as const).map((title) => ({ title, isNumber: true as const })),
  { title: 'probability of loss (95 %)' },
];

/** The tables at the end of a suite, and below them why each other run did not pass; for a terminal of 80 columns. */
export function renderSuite(result: SuiteResult): string {
  const { entries, scenarios, baseline } = result;
  const changes = [...changesOf(scenarios), ...breachesOf(scenarios)];
  const reasons = entries
    .filter(({ reason }) => reason !== null)
    .flatMap(({ label, reason, log }) => [
      `${label}: ${reason ?? 'no reason is known'}`,
      ...(log === null ? [] : [`  log: ${log}`]),
    ]);
  const against = `Against ${baseline === null ? 'earlier runs' : `baseline ${baseline}`}:`;
  return [
    ...runTable(result),
    ...repeatTable(scenarios),
    ...(reasons.length === 0 ? [] : ['', ...reasons]),
    ...(changes.length === 0 ? [] : ['', against, ...changes.map((change) => `  ${change}`)]),
    ...['', `${result.suite}: ${countsOf(result)}, ${seconds(result.durationMs)}`],
  ].join('\n');
}

function runTable({ entries, scenarios }: SuiteResult): string[] {
  const outcomes = new Map(scenarios.map(({ label, outcome }) => [label, outcome]));
  const rows = entries.map((entry) => rowOf(entry, outcomes.get(entry.group) ?? null));
  return align(runColumns, rows);
}

function repeatTable(scenarios: readonly ScenarioSummary[]): string[] {
  if (scenarios.every(({ runs }) => runs === 1)) return [];
  const rows = scenarios.map((scenario) => {
    const { label, runs, passed, lossy } = scenario;
    return [label, String(runs), String(passed), String(lossy), lossProbability(scenario)];
  });
  return ['', ...align(repeatColumns, rows)];
}

/** `pass lost 0, outage 5.2 s, 46 s`: one line per finished run. */
export function describeEntry({ status, numbers, durationMs, reason }: EntryResult): string {
  const measured = numbers && [
    `lost ${known(numbers.lost)}`,
    `outage ${numbers.outageMs === null ? 'unknown' : seconds(numbers.outageMs)}`,
  ];
  const parts = [...(measured ?? [reason ?? '']), ...(durationMs ? [seconds(durationMs)] : [])];
  return `${status.padEnd(7)} ${parts.filter((part) => part !== '').join(', ')}`;
}

/** Short, because the status is beside it: a failure that is `still` there. */
const changeWords: Readonly<Record<Outcome, string>> = {
  new: 'new',
  fixed: 'fixed',
  flaky: 'flaky',
  stillFailing: 'still',
};

function rowOf(
  { label, status, numbers, durationMs, directory }: EntryResult,
  outcome: Outcome | null,
): string[] {
  const { lost = null, outageMs = null } = numbers ?? {};
  return [
    label,
    statusWord(status),
    outcome === null ? '' : changeWords[outcome],
    lost === null ? '-' : grouped(lost),
    outageMs === null ? '-' : seconds(outageMs),
    durationMs === null ? '-' : seconds(durationMs),
    // The folder has the scenario's name.
    directory?.split('/').at(-1) ?? '-',
  ];
}

/** The first column is shortened to make a line fit; a column without values is left out. */
function align(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const shown = columns.flatMap(({ title }, index) => {
    return rows.some((row) => row[index] !== '') ? [{ ...columns[index], title, index }] : [];
  });
  const cells = [
    shown.map(({ title }) => title),
    ...rows.map((row) => shown.map(({ index }) => row[index] ?? '')),
  ];
  const widths = shown.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const others = widths.slice(1).reduce((sum, width) => sum + width + 2, 0);
  widths[0] = Math.min(widths[0] ?? 0, Math.max(shortestName, widthAtMost - others));
  return cells.map((row) =>
    row
      .map((cell, at) => {
        const width = widths[at] ?? 0;
        const clipped = cell.length > width ? `${cell.slice(0, width - 1)}…` : cell;
        return shown[at]?.isNumber ? clipped.padStart(width) : clipped.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
