import type { PastRun } from '../../contracts/history.ts';
import { grouped, seconds } from '../support/format.ts';
import { html, type Markup } from '../support/markup.ts';
import { verdictOf } from './verdict.ts';
import { statusWord } from '../../std/units/status-word.ts';
import { sparkline, statusStrip } from './sparkline.ts';

const drawnAtMost = 60;
const chartedAtMost = 300;

/** Comparable runs: one scenario, one backend, the same overrides. */
export interface Situation {
  readonly scenario: string;
  readonly backend: string;
  readonly overrides: readonly string[];
  /** Oldest first. */
  readonly runs: readonly PastRun[];
}

/** By name; those with overrides follow the one without. */
export function situationsOf(runs: readonly PastRun[]): readonly Situation[] {
  const found = new Map<string, PastRun[]>();
  for (const run of runs.toReversed()) {
    const key = JSON.stringify([run.scenario, run.overrides, run.backend]);
    const members = found.get(key);
    if (members) members.push(run);
    else found.set(key, [run]);
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, members]) => {
      const [first] = members;
      if (!first) return [];
      const { scenario, backend, overrides } = first;
      return [{ scenario, backend, overrides, runs: members }];
    });
}

const columns: readonly {
  readonly name: string;
  readonly of: (run: PastRun) => number | null;
  readonly format: (value: number) => string;
}[] = [
  { name: 'lost', of: ({ lost }) => lost, format: grouped },
  { name: 'outage', of: ({ outageMs }) => outageMs, format: seconds },
  { name: 'writes/s', of: ({ ackedPerSecond }) => ackedPerSecond, format: rounded },
  { name: 'verified/s', of: ({ idsPerSecond }) => idsPerSecond, format: rounded },
];

/** One line per situation: the outcomes of its runs, and the trends of its numbers. */
export function trendTable(situations: readonly Situation[]): Markup {
  if (situations.length === 0) return html`<p class="none">No runs to draw yet.</p>`;
  return html`<div class="scroll">
    <table class="cards" id="trends">
      <thead>
        <tr>
          <th>scenario</th>
          <th>last runs</th>
          <th class="n">passed</th>
          ${columns.map(({ name }) => html`<th>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${situations.map(row)}
      </tbody>
    </table>
  </div>`;
}

function row({ scenario, backend, overrides, runs }: Situation): Markup {
  const drawn = runs.slice(-drawnAtMost);
  const passed = runs.filter((run) => verdictOf(run).look === 'pass').length;
  const about = [backend, ...overrides].join(' ');
  return html`<tr data-scenario="${scenario}">
    <td>
      <a href="#scenario=${encodeURIComponent(scenario)}">${scenario}</a> <small>${about}</small>
    </td>
    <td>${statusStrip(drawn.slice(-20))}</td>
    <td class="n" data-name="passed">${passed} of ${runs.length}</td>
    ${columns.map(({ name, of, format }) => {
      const values = drawn.map(of);
      const last = values.findLast((value) => value !== null) ?? null;
      const shown = last === null ? 'unknown' : format(last);
      return html`<td class="trend" data-name="${name}">
        ${sparkline(name, values, format)} <span>${shown}</span>
      </td>`;
    })}
  </tr>`;
}

/** Data of the charts of one scenario: x in seconds since 1970, and a list of values per column. */
export function trendData(situations: readonly Situation[]) {
  return {
    columns: columns.map(({ name }) => name),
    situations: situations.map(({ scenario, backend, overrides, runs }) => {
      const charted = runs.slice(-chartedAtMost);
      return {
        scenario,
        name: [backend, ...overrides].join(' '),
        at: charted.map(({ startedAt }) => Date.parse(startedAt) / 1000),
        status: charted.map((run) => verdictOf(run).look),
        word: charted.map((run) => statusWord(verdictOf(run).look)),
        values: columns.map(({ name, of }) => charted.map((run) => scaled(name, of(run)))),
      };
    }),
  };
}

/** Outages are drawn in seconds. */
function scaled(name: string, value: number | null): number | null {
  if (value === null) return null;
  return name === 'outage' ? value / 1000 : Math.round(value);
}

function rounded(value: number): string {
  return grouped(Math.round(value));
}
