import type { RunLinks } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import { grouped, seconds } from '../../render/support/format.ts';
import { asset } from '../../render/support/assets.ts';
import { html, inlined, jsonData, type Markup } from '../../render/support/markup.ts';

const momentsShown = 12;

/** The lines that all nodes logged around one moment. Nothing where the run kept no logs. */
export function lookCloser(result: Result, links: RunLinks | undefined): Markup | undefined {
  const log = links?.log;
  if (!log) return undefined;
  const nodes = [...new Set(log.lines.map(([, node]) => node))].sort();
  return html`<section id="look" aria-labelledby="look-title">
    <h2 id="look-title">What the nodes logged around a moment</h2>
    <form id="look-form" class="look">
      <label>At <input id="look-at" type="number" step="0.001" size="8" value="0" /> s</label>
      <label
        >and
        <select id="look-around">
          <option value="0.5">0.5 s</option>
          <option value="2" selected>2 s</option>
          <option value="10">10 s</option>
        </select>
        around it</label
      >
      ${nodes.map((node) => html`<label><input type="checkbox" name="node" value="${node}" checked />${node}</label>`)}
      <label>with <input id="look-for" type="search" placeholder="any text" /></label>
    </form>
    <p class="moments">${moments(result).map(([atMs, what]) => momentLink(atMs, what))}</p>
    <p class="note" id="look-count" role="status"></p>
    <div class="scroll"><table id="look-lines"></table></div>
    <p class="note">${leftOut(log.leftOut)} The address of this page names the moment.</p>
    <noscript>Looking closer needs JavaScript; the logs are among the files of this run.</noscript>
  </section>`;
}

/** At the end of the page's body. */
export function lookCloserScripts(links: RunLinks | undefined): Markup | undefined {
  if (!links?.log) return undefined;
  const data = jsonData('look-data', links.log.lines);
  return html`${[data, inlined('script', asset('look-at-logs.js', import.meta.url))]}`;
}

/** `at`: where the script leads to, and what a link to the page can end with. */
export function momentLink(atMs: number, text: string): Markup {
  return html`<a href="#at=${(atMs / 1000).toFixed(3)}">${text}</a> `;
}

function moments({ faults, outage, lostRanges }: Result): readonly (readonly [number, string])[] {
  const firstLost = lostRanges.map(({ ackedAtMs }) => ackedAtMs[0]).sort((a, b) => a - b)[0];
  const { longestFromMs } = outage;
  const found: readonly (readonly [number | null | undefined, string])[] = [
    ...faults
      .slice(0, momentsShown)
      .flatMap(({ id, inForceAtMs, healedAtMs }) => [
        ...[[inForceAtMs, `${id} in force`] as const],
        ...[[healedAtMs, `${id} healed`] as const],
      ]),
    [firstLost, 'first lost write acknowledged'],
    [longestFromMs, 'longest outage begins'],
    [outageEnd(outage), 'longest outage ends'],
  ];
  return found
    .flatMap(([atMs, what]) =>
      typeof atMs === 'number' ? [[atMs, `${what} (${seconds(atMs)})`] as const] : [],
    )
    .sort((a, b) => a[0] - b[0]);
}

function outageEnd({ longestFromMs, longestMs }: Result['outage']): number | undefined {
  return longestFromMs === undefined || longestMs === null ? undefined : longestFromMs + longestMs;
}

function leftOut(lines: number): string {
  return lines === 0
    ? 'Every line of the logs is in this page.'
    : `${grouped(lines)} more lines, further from any moment or without a time, are in the log files.`;
}
