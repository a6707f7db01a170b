import type { LogExcerpt, LogExcerptLine } from '../../contracts/evidence.ts';

export interface ExcerptLimits {
  /** Of all text together, so that the page stays one that a browser opens at once. */
  readonly characters: number;
  readonly perLine: number;
  readonly lines: number;
}

const usual: ExcerptLimits = { characters: 400_000, perLine: 600, lines: 20_000 };
/** So many times its limits are held before what is too far is dropped: sorting costs. */
const slack = 4;

interface Candidate {
  readonly line: LogExcerptLine;
  readonly distance: number;
}

/** Gathers what stands nearest to the moments of a run, as much as there is room for, and holds little more than that meanwhile. */
export class Excerpt {
  readonly #moments: readonly number[];
  readonly #limits: ExcerptLimits;
  #near: Candidate[] = [];
  #characters = 0;
  #seen = 0;
  /** The nearest line for which there was no room: what is no nearer has none either. */
  #beyond: Candidate | undefined;

  constructor(momentsMs: readonly number[], limits: ExcerptLimits = usual) {
    this.#moments = [...new Set(momentsMs)].sort((a, b) => a - b);
    this.#limits = limits;
  }

  add(line: LogExcerptLine): void {
    this.#seen++;
    const distance = distanceTo(this.#moments, line[0]);
    if (this.#beyond && byDistance({ line, distance }, this.#beyond) >= 0) return;
    const candidate = { line: shortened(line, this.#limits.perLine), distance };
    this.#near.push(candidate);
    this.#characters += sizeOf(candidate);
    const { characters, lines } = this.#limits;
    if (this.#characters > slack * characters || this.#near.length > slack * lines) this.#drop();
  }

  /** In order of time. */
  finish(): LogExcerpt {
    this.#drop();
    const lines = this.#near.map(({ line }) => line).sort((a, b) => a[0] - b[0]);
    return { lines, leftOut: this.#seen - lines.length };
  }

  #drop(): void {
    this.#near.sort(byDistance);
    let used = 0;
    const end = this.#near.findIndex((candidate, index) => {
      used += sizeOf(candidate);
      return used > this.#limits.characters || index === this.#limits.lines;
    });
    if (end >= 0) {
      this.#beyond = this.#near[end];
      this.#near = this.#near.slice(0, end);
    }
    this.#characters = this.#near.reduce((sum, each) => sum + sizeOf(each), 0);
  }
}

function sizeOf({ line }: Candidate): number {
  return line[3].length;
}

function byDistance(a: Candidate, b: Candidate): number {
  return a.distance - b.distance || a.line[0] - b.line[0];
}

function shortened([atMs, node, program, text]: LogExcerptLine, perLine: number): LogExcerptLine {
  const shown = text.length > perLine ? `${text.slice(0, perLine)}…` : text;
  // A part of a string keeps all of it in memory: here the piece of the log that was read with it.
  return [atMs, node, program, Buffer.from(shown).toString()];
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
