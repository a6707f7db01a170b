import type { Overview, PastRun } from '../../contracts/history.ts';
import { grouped, known, plural, seconds, secondsOrUnknown } from '../support/format.ts';
import { asset, uplot } from '../support/assets.ts';
import { pageHead } from '../support/page-head.ts';
import { html, inlined, jsonData, type Markup } from '../support/markup.ts';
import { hrefBelow } from './links.ts';
import { overviewSection } from './overviews.ts';
import { verdictOf } from './verdict.ts';
import { trendData, trendTable, situationsOf } from './trends.ts';
import { statusWord } from '../../std/units/status-word.ts';

/** More rows make the page slow to open; history.jsonl has them all. */
const rowsAtMost = 2_000;
const skippedAtMost = 100;
const statuses = [
  'pass',
  'held',
  'fail',
  'broken',
  'unknown',
  'knownDefect',
  'bug',
  'invalid',
  'impossible',
  'interrupted',
];

export interface RunsPageData {
  /** Newest first. */
  readonly runs: readonly PastRun[];
  readonly skipped: readonly string[];
  /** Newest first. */
  readonly overviews: readonly Overview[];
}

/** reports/index.html: every known run, its outcome, and the trends of each scenario's numbers. */
export function runsPage({ runs, skipped, overviews }: RunsPageData): string {
  const situations = situationsOf(runs);
  return html`<!doctype html>
    <html lang="en">
      ${pageHead('Forkpoint runs', { libraries: [uplot('uPlot.min.css')], more: [asset('runs.css', import.meta.url)] })}
      <body class="runs">
        <header>
          <h1>
            Runs<span>
              · ${plural(runs.length, 'run')} of
              ${plural(new Set(runs.map(({ scenario }) => scenario)).size, 'scenario')}</span
            >
          </h1>
          ${latestSuite(runs, overviews)} ${filters(runs)}
        </header>
        <main>
          <section id="chosen" aria-labelledby="chosen-title" hidden>
            <h2 id="chosen-title">Trends</h2>
            <output id="readout">Point at a chart to read a run.</output>
            <div id="charts"></div>
          </section>
          <section aria-labelledby="trends-title">
            <h2 id="trends-title">Scenarios</h2>
            ${trendTable(situations)}
          </section>
          ${overviewSection(overviews)}
          <section aria-labelledby="runs-title">
            <h2 id="runs-title">Runs, newest first</h2>
            ${runTable(runs, overviews)}
          </section>
          ${passedOver(skipped)}
        </main>
        ${jsonData('trend-data', trendData(situations))}
        ${inlined('script', uplot('uPlot.iife.min.js'))}
        ${inlined('script', asset('runs.js', import.meta.url))}
      </body>
    </html> `.text;
}

/** The outcome of the last suite, in a sentence. */
function latestSuite(runs: readonly PastRun[], overviews: readonly Overview[]): Markup {
  const suite = runs.find((run) => run.suite !== null)?.suite ?? null;
  if (suite === null) return html`<p class="ran">No suite has run yet.</p>`;
  const members = runs.filter((run) => run.suite === suite);
  const others = members.filter(({ status }) => status !== 'pass');
  const names = [
    ...new Set(others.map(({ scenario, status }) => `${scenario} (${statusWord(status)})`)),
  ];
  const [, name = suite, stamp = ''] = suite.split('/');
  const isGreen = others.length === 0;
  return html`<p class="verdict ${isGreen ? 'good' : 'bad'}">
    Last suite: <strong>${linked(name, suite, overviews)}</strong>, ${stampText(stamp)}:
    ${members.length - others.length} of ${plural(members.length, 'run')}
    passed${isGreen ? '.' : `; not: ${names.join(', ')}.`}
  </p>`;
}

function filters(runs: readonly PastRun[]): Markup {
  const scenarios = [...new Set(runs.map(({ scenario }) => scenario))].sort();
  const words = new Set<string>(runs.map((run) => verdictOf(run).word));
  const present = statuses.filter((status) => words.has(status));
  const option = (value: string) => html`<option value="${value}">${statusWord(value)}</option>`;
  return html`<form class="filters">
    <label
      >Scenario
      <select id="scenario">
        <option value="">all</option>
        ${scenarios.map(option)}
      </select></label
    >
    <label
      >Status
      <select id="status">
        <option value="">all</option>
        ${present.map(option)}
      </select></label
    >
    <output id="count" aria-live="polite"
      >${plural(Math.min(runs.length, rowsAtMost), 'run')}</output
    >
    <noscript>Filtering needs JavaScript; every run is below.</noscript>
  </form>`;
}

function runTable(runs: readonly PastRun[], overviews: readonly Overview[]): Markup {
  if (runs.length === 0) return html`<p class="none">There is no run yet.</p>`;
  const hidden = runs.length - rowsAtMost;
  return html`<div class="scroll">
      <table class="cards" id="runs">
        <thead>
          <tr>
            <th>started (UTC)</th>
            <th>scenario</th>
            <th>status</th>
            <th class="n">lost</th>
            <th class="n">outage</th>
            <th class="n">writes/s</th>
            <th class="n">verified/s</th>
            <th class="n">time</th>
            <th>servers</th>
            <th>seed</th>
            <th>suite or matrix</th>
            <th>commit</th>
          </tr>
        </thead>
        <tbody>
          ${runs.slice(0, rowsAtMost).map((run) => row(run, overviews))}
        </tbody>
      </table>
    </div>
    ${hidden > 0 ? html`<p class="note">${grouped(hidden)} older runs are in history.jsonl.</p>` : undefined}`;
}

function row(run: PastRun, overviews: readonly Overview[]): Markup {
  const { scenario, lost, versions, overrides, commit, suite, matrix } = run;
  const { word, look, why } = verdictOf(run);
  const of = suite ?? matrix?.directory;
  const isLossy = lost !== null && lost > 0;
  return html`<tr data-scenario="${scenario}" data-status="${word}">
    <td>${started(run)}</td>
    <td>
      ${scenario}${overrides.length > 0 ? html` <small>${overrides.join(' ')}</small>` : undefined}
    </td>
    <td><span class="badge ${look}" title="${why}">${statusWord(word)}</span></td>
    <td class="n${isLossy ? ' lossy' : ''}" data-name="lost">${known(lost)}</td>
    <td class="n" data-name="outage">${secondsOrUnknown(run.outageMs)}</td>
    <td class="n" data-name="writes/s">${known(rounded(run.ackedPerSecond))}</td>
    <td class="n" data-name="verified/s">${known(rounded(run.idsPerSecond))}</td>
    <td class="n" data-name="time">${run.durationMs === null ? '' : seconds(run.durationMs)}</td>
    <td>
      ${run.backend}${versions === null ? undefined : html` <small>PostgreSQL ${versions.postgres}, Patroni ${versions.patroni}</small>`}
    </td>
    <td data-name="seed">${run.seed}</td>
    <td>${of === undefined ? '' : linked(suiteWords(of), of, overviews)}</td>
    <td><small>${commit?.slice(0, 10) ?? ''}</small></td>
  </tr>`;
}

/** `suites/nightly/20261120T200912Z` -> `nightly`, and of a matrix that it is one. */
function suiteWords(directory: string): string {
  const [kind, name = ''] = directory.split('/');
  return kind === 'matrix' ? 'matrix' : name;
}

/** A link to the page of the suite or matrix in this folder, where there is one. */
function linked(text: string, directory: string, overviews: readonly Overview[]): Markup {
  const page = overviews.find((overview) => overview.directory === directory)?.page;
  return page === undefined ? html`${text}` : html`<a href="${hrefBelow(page)}">${text}</a>`;
}

/** When it started; a link if the report still exists. */
function started({ startedAt, directory, hasReport }: PastRun): Markup {
  const text = startedAt.slice(0, 19).replace('T', ' ');
  if (!hasReport || directory === null) return html`${text}`;
  return html`<a href="${hrefBelow(`${directory}/report.html`)}">${text}</a>`;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

/** `20261120T200912Z` -> `2026-11-20 20:09 UTC` */
function stampText(stamp: string): string {
  return stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d).*/, '$1-$2-$3 $4:$5 UTC');
}

function passedOver(skipped: readonly string[]): Markup | undefined {
  if (skipped.length === 0) return undefined;
  const hidden = skipped.length - skippedAtMost;
  return html`<section aria-labelledby="skipped-title">
    <h2 id="skipped-title">Not shown</h2>
    <ul class="note">
      ${skipped.slice(0, skippedAtMost).map((line) => html`<li>${line}</li>`)}
      ${hidden > 0 ? html`<li>and ${grouped(hidden)} more</li>` : undefined}
    </ul>
  </section>`;
}
