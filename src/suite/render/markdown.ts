import type {
  EntryResult,
  EntryStatus,
  ScenarioSummary,
  SuiteResult,
} from '../../contracts/suite.ts';
import { outcomeWords } from '../../history/trend.ts';
import { known, seconds, secondsOrUnknown } from '../../render/support/format.ts';
import { statusWord } from '../../std/units/status-word.ts';
import { code, table, text } from '../../render/support/markdown-text.ts';
import { breachesOf, changesOf, countsOf, lossProbability } from './counts.ts';

const marks: Readonly<Partial<Record<EntryStatus, string>>> = {
  pass: '✅',
  fail: '❌',
  knownDefect: '🐞',
};

/** For a pull request or a CI summary: changes first, then every run. */
export function suiteMarkdown(result: SuiteResult): string {
  const { suite, scenarios, entries } = result;
  const mark = { 0: '✅', 1: '❌', 6: '🐞' }[result.exitCode ?? 2] ?? '❔';
  const changes = [...changesOf(scenarios), ...breachesOf(scenarios)];
  const against = result.baseline === null ? 'earlier runs' : `baseline ${result.baseline}`;
  const notPassed = entries.filter(({ reason }) => reason !== null);
  return (
    [
      `## ${mark} ${text(suite)}: ${text(countsOf(result))}`,
      list(`Against ${text(against)}`, changes),
      runs(result),
      repeats(scenarios),
      list(
        'Why',
        notPassed.map(({ label, reason }) => `${label}: ${reason ?? 'no reason is known'}`),
      ),
      `${text(result.startedAt)}, ${seconds(result.durationMs)}. Run it again: ${code(result.reproduce)}`,
    ]
      .filter((part) => part !== '')
      .join('\n\n') + '\n'
  );
}

function list(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `### ${title}\n\n${lines.map((line) => `- ${text(line)}`).join('\n')}`;
}

function runs({ entries, scenarios }: SuiteResult): string {
  const head = ['', 'scenario', 'status', 'change', 'lost', 'longest outage', 'writes/s', 'time'];
  return table(
    head,
    entries.map((entry) => [marks[entry.status] ?? '❔', ...row(entry, scenarios)]),
  );
}

function row(
  { label, group, status, numbers, durationMs }: EntryResult,
  scenarios: readonly ScenarioSummary[],
): string[] {
  const outcome = scenarios.find((each) => each.label === group)?.outcome ?? null;
  const lost = numbers === null ? '' : known(numbers.lost);
  return [
    ...[label, statusWord(status)],
    ...[outcome === null ? '' : outcomeWords[outcome], lost],
    numbers === null ? '' : secondsOrUnknown(numbers.outageMs),
    numbers === null ? '' : known(numbers.ackedPerSecond),
    durationMs === null ? '' : seconds(durationMs),
  ];
}

function repeats(scenarios: readonly ScenarioSummary[]): string {
  if (scenarios.every(({ runs: count }) => count === 1)) return '';
  const rows = scenarios.map((scenario) => {
    const { label, runs: count, passed, lossy, measured } = scenario;
    const lossyOf = `${lossy} of ${measured}`;
    return [label, String(count), String(passed), lossyOf, lossProbability(scenario)];
  });
  const head = ['scenario', 'runs', 'passed', 'with a loss', 'probability of loss (95 %)'];
  return `### Probability of loss\n\n${table(head, rows)}`;
}
