import type { Plan } from '../contracts/scenario.ts';
import { chartScripts, chartSection } from '../render/charts/section.ts';
import { asset, uplot } from '../render/support/assets.ts';
import { html, inlined } from '../render/support/markup.ts';
import { pageHead } from '../render/support/page-head.ts';

/** What live.js asks for once a second. */
export interface LiveView {
  /** Of the run, or its last phase. */
  readonly state: string;
  readonly acknowledged: number;
  readonly perSecond: number | null;
  readonly p99Ms: number | null;
  readonly inForce: readonly string[];
  readonly members: readonly string[];
  readonly lines: readonly string[];
  readonly charts: object | null;
  /** Of the report, once there is one. */
  readonly report: string | null;
}

/** Charts of nothing: the page has them from its first second. */
const nothingYet = {
  step: 1,
  start: 0,
  end: 1,
  acknowledged: [],
  errors: [],
  p50: [],
  p99: [],
  max: [],
  roles: [],
  twice: [],
  unreachable: [],
  lag: {},
  stale: {},
  faults: [],
  marks: [],
  lost: [],
  outages: [],
};

/** The page of a run that goes on. Every text that changes is put in by live.js as text, never as markup. */
export function livePage({ scenario, seed, backend }: Plan): string {
  return html`<!doctype html>
    <html lang="en">
      ${pageHead(`${scenario.name}: running`, {
        libraries: [uplot('uPlot.min.css')],
        more: [asset('live.css', import.meta.url)],
        connects: true,
      })}
      <body class="live">
        <header>
          <div class="verdict">
            <h1><span id="state">starting</span><span> · ${scenario.name}</span></h1>
            <p class="what">${scenario.claim}</p>
          </div>
          <dl class="tiles">
            ${tile('acknowledged', 'acknowledged')} ${tile('rate', 'writes/s')}
            ${tile('p99', 'p99 latency')} ${tile('in-force', 'in force')}
          </dl>
          <p class="ran">${backend} · seed ${seed}</p>
        </header>
        <main>
          ${chartSection('')}
          <section>
            <h2>Nodes</h2>
            <ul id="members"></ul>
          </section>
          <section>
            <h2>Progress</h2>
            <pre id="lines" aria-live="polite"></pre>
          </section>
        </main>
        ${chartScripts(nothingYet)} ${inlined('script', asset('live.js', import.meta.url))}
      </body>
    </html> `.text;
}

function tile(id: string, name: string) {
  return html`<div>
    <dt>${name}</dt>
    <dd id="${id}">-</dd>
  </div>`;
}
