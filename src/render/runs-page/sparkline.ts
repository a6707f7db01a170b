import { extent } from '../../std/units/extent.ts';
import type { PastRun } from '../../contracts/history.ts';
import { html, type Markup } from '../support/markup.ts';
import { verdictOf } from './verdict.ts';
import { statusWord } from '../../std/units/status-word.ts';

const width = 96;
const height = 24;
const margin = 3;

/** A line from zero to the highest value, with gaps for unmeasured values. Drawn without a script. */
export function sparkline(
  name: string,
  values: readonly (number | null)[],
  format: (value: number) => string,
): Markup {
  const measured = values.filter((value) => value !== null);
  const range = extent(measured);
  if (!range) return html``;
  const [low, high] = range;
  const x = (index: number) =>
    margin + (index * (width - 2 * margin)) / Math.max(values.length - 1, 1);
  const y = (value: number) => height - margin - (value / (high || 1)) * (height - 2 * margin);
  const points = values.map((value, index) => {
    return value === null ? null : `${x(index).toFixed(1)},${y(value).toFixed(1)}`;
  });
  const [cx, cy] = (points.findLast((point) => point !== null) ?? '').split(',');
  const label = `${name}: ${format(low)} to ${format(high)} in ${measured.length} runs`;
  return html`<svg
    class="spark"
    role="img"
    aria-label="${label}"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
  >
    <title>${label}</title>
    ${lines(points)}
    <circle cx="${cx}" cy="${cy}" r="2" />
  </svg>`;
}

/** One line per part without a gap. */
function lines(points: readonly (string | null)[]): Markup[] {
  const parts: string[][] = [[]];
  for (const point of points) {
    if (point === null) parts.push([]);
    else parts.at(-1)?.push(point);
  }
  return parts
    .filter((part) => part.length > 1)
    .map((part) => html`<polyline points="${part.join(' ')}" />`);
}

/** One rectangle per run, oldest first, in the colour of its status. */
export function statusStrip(runs: readonly PastRun[]): Markup {
  const box = 7;
  const counts = new Map<string, number>();
  for (const run of runs) {
    const { word } = verdictOf(run);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const label = [...counts].map(([status, count]) => `${count} ${statusWord(status)}`).join(', ');
  const boxes = runs.map((run, index) => {
    const { word, look, why } = verdictOf(run);
    const about = [run.startedAt.slice(0, 16).replace('T', ' '), word, why].join(' ').trim();
    // Shorter for a pass, for readers who cannot tell the colours apart.
    const top = look === 'pass' ? 4 : 0;
    return html`<rect
      class="${look}"
      x="${index * (box + 1)}"
      y="${top}"
      width="${box}"
      height="${14 - top}"
      ><title>${about}</title></rect
    >`;
  });
  return html`<svg
    class="strip"
    role="img"
    aria-label="${label}"
    width="${runs.length * (box + 1)}"
    height="14"
  >
    ${boxes}
  </svg>`;
}
