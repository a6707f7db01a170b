import type { OutagePart, OutagePhases, Result } from '../../contracts/result.ts';
import { seconds } from '../../render/support/format.ts';
import { html, type Markup } from '../../render/support/markup.ts';
import {
  momentWords,
  outageName,
  phaseHead,
  phaseRows,
  spentSentence,
} from '../../render/support/phase-words.ts';
import { table } from '../../render/support/table.ts';

const outagesShown = 10;

/** Each outage as a waterfall of its parts, with the moments in a table below. */
export function outageWaterfalls({ outagePhases = [] }: Result): Markup | undefined {
  const shown = outagePhases.slice(0, outagesShown).filter(({ parts }) => parts.length > 0);
  if (shown.length === 0) return undefined;
  return html`${shown.map(waterfall)}`;
}

function waterfall(phases: OutagePhases): Markup {
  const { parts } = phases;
  const first = parts[0]?.fromMs ?? 0;
  const length = Math.max(1, ...parts.map(({ fromMs, ms }) => fromMs + ms - first));
  return html`<section class="waterfall">
    <h2>${outageName(phases)}</h2>
    <p>${spentSentence(phases) ?? ''}</p>
    <ol>
      ${parts.map((part) => bar(part, phases, { first, length }))}
    </ol>
    ${table('Its moments', phaseHead, phaseRows(phases))}
  </section>`;
}

function bar(
  { until, fromMs, ms, why, setting }: OutagePart,
  { untilMs }: OutagePhases,
  { first, length }: { readonly first: number; readonly length: number },
): Markup {
  const isAfter = untilMs !== null && fromMs >= untilMs;
  const percent = (value: number) => `${((100 * value) / length).toFixed(2)}%`;
  const place = `left:${percent(fromMs - first)};width:${percent(ms)}`;
  return html`<li class="${isAfter ? 'after' : 'within'}" title="${setting ?? ''}">
    <span class="what">${momentWords[until]}</span>
    <span class="track"><i style="${place}"></i></span>
    <span class="took"><b>${seconds(ms)}</b> ${why}</span>
  </li>`;
}
