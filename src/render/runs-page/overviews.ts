import type { Overview } from '../../contracts/history.ts';
import { grouped } from '../support/format.ts';
import { html, type Markup } from '../support/markup.ts';
import { hrefBelow } from './links.ts';
import { statusWord } from '../../std/units/status-word.ts';

const shownAtMost = 20;

/** The pages over several runs: each suite and each matrix. */
export function overviewSection(overviews: readonly Overview[]): Markup | undefined {
  if (overviews.length === 0) return undefined;
  const hidden = overviews.length - shownAtMost;
  return html`<section aria-labelledby="overviews-title">
    <h2 id="overviews-title">Suites and matrices, newest first</h2>
    <div class="scroll">
      <table class="cards" id="overviews">
        <thead>
          <tr>
            <th>started (UTC)</th>
            <th>kind</th>
            <th>name</th>
            <th>what came of it</th>
          </tr>
        </thead>
        <tbody>
          ${overviews.slice(0, shownAtMost).map(row)}
        </tbody>
      </table>
    </div>
    ${hidden > 0 ? html`<p class="note">${grouped(hidden)} older ones are below suites/ and matrix/.</p>` : undefined}
  </section>`;
}

function row({ kind, name, page, startedAt, statuses }: Overview): Markup {
  const started = startedAt.slice(0, 19).replace('T', ' ');
  return html`<tr>
    <td><a href="${hrefBelow(page)}">${started}</a></td>
    <td>${kind}</td>
    <td>${name}</td>
    <td>${countsOf(statuses)}</td>
  </tr>`;
}

/** '3 pass, 1 fail', in the order of their first. */
function countsOf(statuses: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${grouped(count)} ${statusWord(status)}`).join(', ');
}
