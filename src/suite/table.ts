import type { EntryResult, SuiteResult } from '../contracts/suite.ts';

const widthAtMost = 80;
const columns = ['scenario', 'status', 'lost', 'outage', 'time', 'report'];
const areNumbers = [false, false, true, true, true, false];
const shortestName = 16;

/** The table that ends a suite, and below it why what did not pass did not: for a terminal of 80 columns. */
export function renderSuite(result: SuiteResult): string {
  const rows = result.entries.map(rowOf);
  const reasons = result.entries
    .filter(({ status }) => status !== 'pass')
    .flatMap(({ label, reason, log }) => [
      `${label}: ${reason ?? 'no reason is known'}`,
      ...(log === null ? [] : [`  log: ${log}`]),
    ]);
  return [
    ...align([columns, ...rows]),
    ...(reasons.length === 0 ? [] : ['', ...reasons]),
    ...['', `${result.suite}: ${countsOf(result)}, ${seconds(result.durationMs)}`],
  ].join('\n');
}

/** `pass lost 0, outage 5.2 s, 46 s`: one line when a run has ended. */
export function describeEntry({ status, numbers, durationMs, reason }: EntryResult): string {
  const measured = numbers && [
    `lost ${numbers.lost ?? 'unknown'}`,
    `outage ${numbers.outageMs === null ? 'unknown' : tenths(numbers.outageMs)}`,
  ];
  const parts = [...(measured ?? [reason ?? '']), ...(durationMs ? [seconds(durationMs)] : [])];
  return `${status.padEnd(7)} ${parts.filter((part) => part !== '').join(', ')}`;
}

function rowOf({ label, status, numbers, durationMs, directory }: EntryResult): string[] {
  const { lost = null, outageMs = null } = numbers ?? {};
  return [
    label,
    status === 'notStarted' ? 'not run' : status,
    lost === null ? '-' : String(lost),
    outageMs === null ? '-' : tenths(outageMs),
    durationMs === null ? '-' : seconds(durationMs),
    // The scenario's folder is named like the scenario.
    directory?.split('/').at(-1) ?? '-',
  ];
}

function countsOf({ entries }: SuiteResult): string {
  const counts = new Map<string, number>();
  for (const { status } of entries) counts.set(status, (counts.get(status) ?? 0) + 1);
  const each = [...counts].map(([status, count]) => `${count} ${words[status] ?? status}`);
  return `${entries.length} ${entries.length === 1 ? 'run' : 'runs'}: ${each.join(', ')}`;
}

const words: Readonly<Record<string, string>> = {
  pass: 'passed',
  fail: 'failed',
  bug: 'ended by a bug of Forkpoint',
  notStarted: 'not run',
};

/** The first column gives way, so that a line fits. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const others = widths.slice(1).reduce((sum, width) => sum + width + 2, 0);
  widths[0] = Math.min(widths[0] ?? 0, Math.max(shortestName, widthAtMost - others));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const shown = cell.length > width ? `${cell.slice(0, width - 1)}…` : cell;
        return areNumbers[column] === true ? shown.padStart(width) : shown.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

function tenths(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
