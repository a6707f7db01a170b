import type { LogExcerpt, LogExcerptLine } from '../../contracts/evidence.ts';

export interface ExcerptLimits {
  /** Of all text together, so that the page stays one that a browser opens at once. */
  readonly characters: number;
  readonly perLine: number;
}

const usual: ExcerptLimits = { characters: 400_000, perLine: 600 };

/** What stands nearest to the moments of a run, as much as there is room for; in order of time. */
export function excerpt(
  lines: readonly LogExcerptLine[],
  momentsMs: readonly number[],
  { characters, perLine }: ExcerptLimits = usual,
): LogExcerpt {
  const moments = [...new Set(momentsMs)].sort((a, b) => a - b);
  const nearestFirst = lines
    .map((line) => ({ line: shortened(line, perLine), distance: distanceTo(moments, line[0]) }))
    .sort((a, b) => a.distance - b.distance || a.line[0] - b.line[0]);
  const kept: LogExcerptLine[] = [];
  let room = characters;
  for (const { line } of nearestFirst) {
    room -= line[3].length;
    if (room < 0) break;
    kept.push(line);
  }
  kept.sort((a, b) => a[0] - b[0]);
  return { lines: kept, leftOut: lines.length - kept.length };
}

function shortened([atMs, node, program, text]: LogExcerptLine, perLine: number): LogExcerptLine {
  const shown = text.length > perLine ? `${text.slice(0, perLine)}…` : text;
  return [atMs, node, program, shown];
}

/** To the nearest of sorted moments. Without any, the start of the load is one. */
function distanceTo(moments: readonly number[], atMs: number): number {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] ?? Infinity) < atMs) low = middle + 1;
    else high = middle;
  }
  const around = [moments[low - 1], moments[low]].filter((moment) => moment !== undefined);
  return Math.min(...(around.length > 0 ? around : [0]).map((moment) => Math.abs(moment - atMs)));
}
