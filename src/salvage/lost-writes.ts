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

/** A list longer than this is not salvaged by itself. */
export const mostLostWrites = 200_000;

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
