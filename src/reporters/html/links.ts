import type { RunLinks } from '../../contracts/evidence.ts';
import { grouped } from '../../render/support/format.ts';
import { html, type Markup } from '../../render/support/markup.ts';

const filesAtMost = 200;
const scenarioFile = 'scenario.yaml';

/** The purpose of a file, if its name does not say it. */
const purposes: Readonly<Record<string, string | undefined>> = {
  'plan.json': 'what was planned',
  [scenarioFile]: 'the scenario, as it was written',
  'events.jsonl': 'faults, topology, phases, lag',
  'timeseries.jsonl': 'the load over time',
  'readback.json': 'what every node held at the end',
  'settings.json': 'settings that decide durability',
  'result.json': 'this report, for programs',
  'lost-ranges.jsonl': 'every lost write',
};

/** At the top: links to the overview of all runs, the scenario and the files. */
export function navigation(links: RunLinks | undefined): Markup | undefined {
  if (!links) return undefined;
  const places = [
    ...(links.index === undefined ? [] : [html`<a href="${links.index}">All runs</a>`]),
    ...(links.files.includes(scenarioFile)
      ? [html`<a href="${hrefOf(scenarioFile)}">Scenario</a>`]
      : []),
    ...(links.files.length > 0 ? [html`<a href="#files">Files of this run</a>`] : []),
  ];
  if (places.length === 0) return undefined;
  return html`<nav class="ran">
    ${places.map((place, at) => (at === 0 ? place : html` · ${place}`))}
  </nav>`;
}

/** The files beside the page. */
export function files(links: RunLinks | undefined): Markup | undefined {
  if (!links || links.files.length === 0) return undefined;
  const hidden = links.files.length - filesAtMost;
  return html`<section id="files">
    <h2>Files of this run</h2>
    <ul class="files">
      ${links.files.slice(0, filesAtMost).map(item)}
    </ul>
    ${hidden > 0 ? html`<p class="note">${grouped(hidden)} more are in the run's folder.</p>` : undefined}
  </section>`;
}

function item(name: string): Markup {
  const purpose = purposes[name];
  return html`<li>
    <a href="${hrefOf(name)}">${name}</a
    >${purpose === undefined ? undefined : html` <small>${purpose}</small>`}
  </li>`;
}

function hrefOf(name: string): string {
  return `./${name.split('/').map(encodeURIComponent).join('/')}`;
}
