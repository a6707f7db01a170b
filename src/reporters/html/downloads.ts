import type { Result } from '../../contracts/result.ts';
import { grouped } from '../../render/support/format.ts';
import { asset } from '../../render/support/assets.ts';
import { html, inlined, jsonData, type Markup } from '../../render/support/markup.ts';
import { lossSummaryOf } from '../../std/units/loss-summary.ts';

const lostHead = [
  ...['writer', 'kind', 'from', 'to', 'first_version', 'last_version', 'first_acknowledged_s'],
  ...['last_acknowledged_s', 'node', 'timeline', 'first_lsn', 'last_lsn', 'cause'],
];

/** Buttons that save what the page holds as CSV, and what narrows the table of lost writes. */
export function downloads(result: Result): Markup | undefined {
  const { lostRanges, timeline } = result;
  const buttons = [
    ...(lostRanges.length > 0 ? [button('lost', lostWords(result))] : []),
    ...(timeline ? [button('series', 'Chart series as CSV')] : []),
  ];
  if (buttons.length === 0) return undefined;
  return html`<p class="downloads buttons">${buttons}</p>`;
}

/** At the end of the page's body, after the data of the charts. */
export function downloadScripts(result: Result): Markup | undefined {
  const { lostRanges, timeline, scenario, runId } = result;
  if (lostRanges.length === 0 && !timeline) return undefined;
  const data = { name: `${scenario}-${runId}`, lostHead, lost: lostRanges.map(lostRow) };
  return html`${[
    jsonData('download-data', data),
    inlined('script', asset('save-csv.js', import.meta.url)),
  ]}`;
}

function button(what: string, text: string): Markup {
  return html`<button type="button" data-download="${what}">${text}</button>`;
}

function lostWords(result: Result): string {
  const { file, ranges } = lossSummaryOf(result);
  const { length } = result.lostRanges;
  return file === null
    ? 'Lost writes as CSV'
    : `The first ${grouped(length)} of ${grouped(ranges)} ranges of lost writes as CSV (${file} has all)`;
}

function lostRow(range: Result['lostRanges'][number]): readonly (string | number | null)[] {
  const { writer, kind, from, to, versions, ackedAtMs, node, timeline, lsn, cause } = range;
  return [
    ...[writer, kind, from, to, versions?.[0] ?? null, versions?.[1] ?? null],
    ...[ackedAtMs[0] / 1000, ackedAtMs[1] / 1000, node, timeline],
    ...[lsn?.[0] ?? null, lsn?.[1] ?? null, cause],
  ];
}
