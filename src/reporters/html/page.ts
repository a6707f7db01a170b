import type { RunLinks } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import { lostWrites } from '../../std/units/lost-writes.ts';
import { headline, title, whatHappened, whyThisVerdict } from '../../render/support/sentences.ts';
import { loadSentences } from '../../render/support/load-sentences.ts';
import { counted } from '../../render/support/counted.ts';
import { known, secondsOrUnknown } from '../../render/support/format.ts';
import { uplot } from '../../render/support/assets.ts';
import { pageHead } from '../../render/support/page-head.ts';
import { chartData } from '../../render/charts/chart-data.ts';
import { chartScripts, chartSection } from '../../render/charts/section.ts';
import { html, type Markup } from '../../render/support/markup.ts';
import { downloads, downloadScripts } from './downloads.ts';
import { files, navigation } from './links.ts';
import { lookCloser, lookCloserScripts } from './look-closer.ts';
import { tables } from './tables.ts';
import { fateWords } from './write-tables.ts';

const tableWords = '; every number is in the tables below';

/** The whole report as one page. */
export function page(result: Result, links?: RunLinks): string {
  const charts = chartData(result);
  return html`<!doctype html>
    <html lang="en">
      ${pageHead(`${title(result)}: ${headline(result)}`, { libraries: [uplot('uPlot.min.css')] })}
      <body class="${result.status}">
        ${navigation(links)} ${head(result)}
        <main>
          ${charts ? chartSection(tableWords) : html`<p class="none">${nothingToDraw(result)}</p>`}
          ${downloads(result)} ${lookCloser(result, links)} ${tables(result, links)} ${files(links)}
        </main>
        ${charts ? chartScripts(charts) : undefined} ${downloadScripts(result)}
        ${lookCloserScripts(links)}
      </body>
    </html> `.text;
}

function head(result: Result): Markup {
  const { versions, replayOf } = result;
  return html`<header>
    <div class="verdict">
      <h1>${headline(result)}<span> · ${title(result)}</span></h1>
      <p class="what">${[whatHappened(result), ...loadSentences(result)].join(' ')}</p>
      <p class="why">${whyThisVerdict(result)} <span class="claim">${claimOf(result)}</span></p>
    </div>
    <dl class="tiles">${tiles(result)}</dl>
    <p class="ran">
      ${result.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')} · ${result.backend} ·
      PostgreSQL ${versions.postgres} · Patroni ${versions.patroni} · ${versions.dcs} · seed
      ${result.seed}${replayOf ? ` · replay of run ${replayOf.runId}` : ''}
    </p>
  </header>`;
}

/** The claim may depend on what was overridden. */
function claimOf(result: Result): string {
  const isOwn = title(result) === result.scenario;
  return `${isOwn ? 'Claim' : "The scenario's claim, without these overrides"}: ${result.claim}`;
}

/** Tooltips of the numbers. */
const tileWords: Readonly<Record<string, string | undefined>> = {
  acknowledged: 'the server confirmed the commit to the client',
  lost: fateWords.lost,
  indeterminate: 'the client does not know whether the write was committed',
  unexpected: fateWords.unexpected,
  'longest outage': 'the longest time without an acknowledged write',
  failovers: 'promotions of another node that no fault requested',
};

function tiles(result: Result): Markup[] {
  const { writes, outage, failovers, replicas, throughput } = result;
  const lost = lostWrites(writes);
  const count = (found: number | null) => counted(result, found);
  const agreeing = replicas.filter(({ status }) => status === 'agrees').length;
  const shown: readonly (readonly [string, string, boolean])[] = [
    ['acknowledged', count(writes.acknowledged), writes.acknowledged === null],
    ['lost', count(lost), lost !== 0],
    ['indeterminate', count(writes.indeterminate), false],
    ['unexpected', count(writes.unexpected), writes.unexpected !== 0],
    ['longest outage', secondsOrUnknown(outage.longestMs), false],
    ['failovers', known(failovers), false],
    ['replicas agree', `${agreeing} of ${replicas.length}`, agreeing < replicas.length],
    ['writes/s on average', count(throughput.ackedPerSecond), false],
  ];
  return shown.map(
    ([name, value, isBad]) =>
      html`<div title="${tileWords[name] ?? ''}" ${isBad ? html` class="bad"` : undefined}>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`,
  );
}

function nothingToDraw({ writes }: Result): string {
  return writes.acknowledged === null
    ? 'The journals of the load are missing, so there is nothing to draw.'
    : 'No load ran, so there is nothing to draw.';
}
