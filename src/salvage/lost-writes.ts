import type { LostRange } from '../contracts/result.ts';

/** A lost write: one row or transaction, or the lost versions of one row. */
export interface LostWrite {
  readonly kind: LostRange['kind'];
  readonly writer: number;
  readonly seq: number;
  /** Of an update: the newest version that is lost. */
  readonly version: number;
  /** How many writes it counts as: the versions of an update. */
  readonly writes: number;
}

/** Each needs a row of the copy and one of the primary in memory. */
export const mostLostWrites = 200_000;

/** What is looked for, and how many writes it leaves out. */
export interface Wanted {
  readonly writes: readonly LostWrite[];
  readonly leftOut: number;
}

/** The first lost writes, as many as one salvage looks for. */
export function firstLostWrites(ranges: Iterable<LostRange>, most = mostLostWrites): Wanted {
  const first: LostWrite[] = [];
  let leftOut = 0;
  for (const write of lostWrites(ranges)) {
    if (first.length < most) first.push(write);
    else leftOut += write.writes;
  }
  return { writes: first, leftOut };
}

/** Each lost row of the ranges that count as lost. Of what clients were warned of, nothing is. */
export function* lostWrites(ranges: Iterable<LostRange>): Generator<LostWrite> {
  for (const { kind, writer, from, to, versions, cause } of ranges) {
    if (cause === 'localOnly') continue;
    const [first, last] = versions ?? [0, 0];
    for (let seq = from; seq <= to; seq++) {
      yield { kind, writer, seq, version: last, writes: last - first + 1 };
    }
  }
}
