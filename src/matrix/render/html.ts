import type { MatrixCell, MatrixResult } from '../../contracts/matrix.ts';
import type { OverviewLinks } from '../../suite/links-below.ts';
import { escaped } from '../../render/support/markup.ts';
import { cellLabel } from '../axes.ts';
import {
  columns,
  columnsOf,
  countsOf,
  hasAllowedLoss,
  reasonsOf,
  seconds,
  verdictOf,
  versionsOf,
} from './columns.ts';
import { style } from './style.ts';

/** matrix.html: one file that fetches nothing, with every text escaped. */
export function matrixHtml(result: MatrixResult, links: OverviewLinks): string {
  const { scenario, claim, cells, seed, startedAt, durationMs, reproduce } = result;
  const title = `${scenario}: promised and observed loss`;
  const reasons = reasonsOf(result);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
${links.hasIndex ? '<nav><a href="../../../index.html">All runs</a></nav>\n' : ''}<h1>${escaped(scenario)}: promised and observed loss</h1>
<p>${escaped(claim)}</p>
<p class="verdict">${cells.length} cells: ${escaped(countsOf(result))}.</p>
${grid(result)}
${details(result, links)}
${reasons.length === 0 ? '' : `<h2>Why not held</h2>\n<dl>\n${reasons.map(reason).join('\n')}\n</dl>`}
<footer>
<p>${escaped(versionsOf(result))}; seed ${seed}; ${escaped(startedAt)}, ${seconds(durationMs)}.
Reproduce: <code>${escaped(reproduce)}</code></p>
</footer>
</body>
</html>
`;
}

/** For two axes: the first goes down, the second to the right. */
function grid({ axes, cells }: MatrixResult): string {
  const [down, right, ...more] = axes;
  if (!down || !right || more.length > 0) return '';
  const head = right.values.map((value) => `<th scope="col">${escaped(value)}</th>`).join('');
  const rows = down.values.map((value, row) => {
    const line = cells.slice(row * right.values.length, (row + 1) * right.values.length);
    return `<tr><th scope="row">${escaped(value)}</th>${line.map(gridCell).join('')}</tr>`;
  });
  const corner = `${escaped(down.key)} &darr;<br>${escaped(right.key)} &rarr;`;
  return `<div class="scroll"><table class="grid">
<caption>Acknowledged writes lost, and the most that the settings allow to be lost</caption>
<thead><tr><th>${corner}</th>${head}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

function gridCell(cell: MatrixCell): string {
  const { promise, observed } = cell;
  const lost = observed?.lost ?? null;
  // A number is large only for a judged cell: the 0 of a run that could not be judged is no good news.
  const isJudged = cell.status === 'held' || cell.status === 'broken';
  const lines = [
    ...(isJudged ? [verdictOf(cell)] : []),
    ...(!isJudged && lost !== null ? [`lost ${lost}`] : []),
    ...(promise ? [`promised: ${promise.text}`] : []),
    ...(observed ? [`outage ${seconds(observed.outageMs)}`] : []),
  ];
  const small = lines.map((line) => `<small>${escaped(line)}</small>`).join('');
  const shown = isJudged ? String(lost ?? '-') : verdictOf(cell);
  return `<td class="${tint(cell)}"><b>${escaped(shown)}</b>${small}</td>`;
}

function details({ axes, cells }: MatrixResult, links: OverviewLinks): string {
  const head = [...axes.map(({ key }) => key), ...columns, 'report', 'log'];
  const rows = cells.map((cell) => {
    const texts = [...cell.values, ...columnsOf(cell)].map((text) => `<td>${escaped(text)}</td>`);
    const label = escaped(cellLabel(axes, cell.values));
    return `<tr class="${tint(cell)}" aria-label="${label}">${texts.join('')}<td>${report(cell, links)}</td><td>${log(cell)}</td></tr>`;
  });
  return `<h2>Every cell</h2>
<div class="scroll"><table>
<thead><tr>${head.map((name) => `<th scope="col">${escaped(name)}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

/** Links to the run, in the same reports folder. */
function report({ directory }: MatrixCell, { hasReport }: OverviewLinks): string {
  if (directory === null) return '-';
  const folders = directory.split('/');
  const name = escaped(folders.at(-1) ?? directory);
  if (!hasReport(directory)) return name;
  const link = ['..', '..', '..', ...folders.map(encodeURIComponent), 'report.html'].join('/');
  return `<a href="${escaped(link)}">${name}</a>`;
}

function log({ log: file }: MatrixCell): string {
  return file === null ? '-' : `<a href="./${escaped(file)}">log</a>`;
}

function tint(cell: MatrixCell): string {
  return hasAllowedLoss(cell) ? 'allowed' : cell.status;
}

function reason({ labels, reason: why, status }: ReturnType<typeof reasonsOf>[number]): string {
  const terms = labels.map((label) => `<dt class="${status}">${escaped(label)}</dt>`);
  return `<div>${terms.join(' ')}<dd>${escaped(why)}</dd></div>`;
}
