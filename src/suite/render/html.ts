import type { EntryResult, ScenarioSummary, SuiteResult } from '../../contracts/suite.ts';
import { outcomeWords } from '../../history/trend.ts';
import { known, seconds, secondsOrUnknown } from '../../render/support/format.ts';
import { html, type Markup } from '../../render/support/markup.ts';
import { pageHead } from '../../render/support/page-head.ts';
import { badge, table } from '../../render/support/table.ts';
import type { OverviewLinks } from '../links-below.ts';
import { breachesOf, changesOf, countsOf, lossProbability } from './counts.ts';

/** suite.html: what became of every run, with links to their reports. One file, nothing fetched. */
export function suiteHtml(result: SuiteResult, links: OverviewLinks): string {
  const { suite, exitCode, startedAt, durationMs, scenarios, reproduce } = result;
  const look = { 0: 'pass', 1: 'fail', 6: 'knownDefect' }[exitCode ?? 2] ?? 'unknown';
  return html`<!doctype html>
    <html lang="en">
      ${pageHead(`${suite}: ${countsOf(result)}`)}
      <body class="${look}">
        <header>
          ${links.hasIndex ? html`<nav class="ran"><a href="../../../index.html">All runs</a></nav>` : undefined}
          <div class="verdict">
            <h1>${suite}<span> · ${countsOf(result)}</span></h1>
            <p class="what">
              Started ${startedAt.slice(0, 19).replace('T', ' ')} UTC, took ${seconds(durationMs)}.
            </p>
          </div>
        </header>
        <main>
          ${changes(result)} ${runs(result, links)} ${reasons(result)} ${repeats(scenarios)}
          <section>
            <h2>Run it again</h2>
            <pre><code>${reproduce}</code></pre>
          </section>
        </main>
      </body>
    </html> `.text;
}

function changes({ scenarios, baseline }: SuiteResult): Markup | undefined {
  const against = baseline === null ? 'earlier runs' : `baseline ${baseline}`;
  const lines = [...changesOf(scenarios), ...breachesOf(scenarios)];
  return table(
    `Against ${against}`,
    ['What changed'],
    lines.map((line) => [line]),
  );
}

function runs({ entries, scenarios }: SuiteResult, links: OverviewLinks): Markup | undefined {
  const outcomes = new Map(scenarios.map(({ label, outcome }) => [label, outcome]));
  return table(
    'Runs',
    ['', 'Scenario', 'Change', 'Lost', 'Longest outage', 'Writes/s', 'Time', 'Report', 'Log'],
    entries.map((entry) => {
      const { label, group, status, numbers, durationMs, log } = entry;
      const outcome = outcomes.get(group) ?? null;
      return [
        badge(status),
        label,
        outcome === null ? '' : outcomeWords[outcome],
        numbers === null ? '' : known(numbers.lost),
        numbers === null ? '' : secondsOrUnknown(numbers.outageMs),
        numbers === null ? '' : known(rounded(numbers.ackedPerSecond)),
        durationMs === null ? '' : seconds(durationMs),
        report(entry, links),
        log === null ? '' : html`<a href="./${pathOf(log)}">log</a>`,
      ];
    }),
    'Folders of runs may have been removed since: --keep-runs says how many stay.',
  );
}

function report({ directory }: EntryResult, { hasReport }: OverviewLinks): Markup {
  if (directory === null) return html``;
  const name = directory.split('/').at(-1) ?? '';
  if (!hasReport(directory)) return html`${name}`;
  return html`<a href="../../../${pathOf(directory)}/report.html">${name}</a>`;
}

function reasons({ entries }: SuiteResult): Markup | undefined {
  const others = entries.filter(({ reason }) => reason !== null);
  return table(
    'Why not passed',
    ['Run', 'Reason'],
    others.map(({ label, reason }) => [label, reason ?? 'no reason is known']),
  );
}

function repeats(scenarios: readonly ScenarioSummary[]): Markup | undefined {
  if (scenarios.every(({ runs: count }) => count === 1)) return undefined;
  return table(
    'Probability of loss',
    ['Scenario', 'Runs', 'Passed', 'With a loss', 'Probability of loss (95 %)'],
    scenarios.map((scenario) => {
      const { label, runs: count, passed, lossy, measured } = scenario;
      const lossyOf = `${lossy} of ${measured}`;
      return [label, String(count), String(passed), lossyOf, lossProbability(scenario)];
    }),
  );
}

function pathOf(inside: string): string {
  return inside.split('/').map(encodeURIComponent).join('/');
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
