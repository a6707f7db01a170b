/** Algebra of ascending, inclusive ranges with gaps between them: a writer's many rows in a few of these. */
import type { Ranges } from '../contracts/evidence.ts';

export const NOTHING: Ranges = [];

/** Any ranges, in any order, overlapping or not, as Ranges. */
export function normalize(ranges: Iterable<readonly [from: number, to: number]>): Ranges {
  return joined([...ranges].filter(([from, to]) => from <= to).sort((a, b) => a[0] - b[0]));
}

/** Single numbers, in any order, as Ranges. */
export function rangesOf(numbers: Iterable<number>): Ranges {
  return normalize([...numbers].map((number) => [number, number] as const));
}

export function count(ranges: Ranges): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}

export function contains(ranges: Ranges, value: number): boolean {
  const range = ranges[firstEndingAtOrAfter(ranges, value)];
  return range !== undefined && range[0] <= value;
}

export function union(a: Ranges, b: Ranges): Ranges {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const all: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const left = a[i];
    const right = b[j];
    if (left && (!right || left[0] <= right[0])) {
      all.push(left);
      i++;
    } else if (right) {
      all.push(right);
      j++;
    }
  }
  return joined(all);
}

export function intersect(a: Ranges, b: Ranges): Ranges {
  if (a === b) return a;
  const result: [number, number][] = [];
  for (let i = 0, j = 0; ;) {
    const left = a[i];
    const right = b[j];
    if (!left || !right) return result;
    const from = Math.max(left[0], right[0]);
    const to = Math.min(left[1], right[1]);
    if (from <= to) result.push([from, to]);
    if (left[1] < right[1]) i++;
    else j++;
  }
}

export function subtract(a: Ranges, b: Ranges): Ranges {
  if (b.length === 0 || a.length === 0) return a;
  if (a === b) return NOTHING;
  const result: [number, number][] = [];
  let j = 0;
  for (const [from, to] of a) {
    let start = from;
    while ((b[j]?.[1] ?? Infinity) < start) j++;
    for (let k = j; ; k++) {
      const hole = b[k];
      if (!hole || hole[0] > to) break;
      if (hole[0] > start) result.push([start, hole[0] - 1]);
      start = hole[1] + 1;
    }
    if (start <= to) result.push([start, to]);
  }
  return result;
}

/** The part of `ranges` within from..to. */
export function clip(ranges: Ranges, from: number, to: number): Ranges {
  return intersect(ranges, from <= to ? [[from, to]] : NOTHING);
}

/** Index of the first range that does not end before `value`; ranges.length when all do. */
export function firstEndingAtOrAfter(ranges: Ranges, value: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.[1] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function joined(sorted: readonly (readonly [number, number])[]): Ranges {
  const result: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = result.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
