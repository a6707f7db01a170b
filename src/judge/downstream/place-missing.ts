import type { NamedGap } from '../../contracts/downstream.ts';
import type { Ranges } from '../../contracts/evidence.ts';
import type { LostAt } from '../../contracts/result/downstream.ts';

/** How far a consumer came, by its sink and by its own word. */
export interface Reached {
  /** By the sink: what it committed last. */
  readonly sink: bigint | null;
  /** The furthest that the consumer said its sink has committed. */
  readonly said: bigint | null;
  readonly gaps: readonly NamedGap[];
}

export interface Placed {
  readonly at: LostAt;
  /** The consumer confirmed a position beyond it, and named no gap that holds it. */
  readonly isSkipped: boolean;
}

/** A write's commit record begins after `least` and before `most`. */
export interface CommitBounds {
  readonly least: number;
  readonly most: number;
}

/** Where a write that is not in the sink was lost on its way. */
export function placeMissing({ least, most }: CommitBounds, { sink, said, gaps }: Reached): Placed {
  if (gaps.some(({ from, to }) => least < Number(to) && most > Number(from))) {
    return { at: 'slot', isSkipped: false };
  }
  const reached = sink === null ? 0 : Number(sink);
  if (said !== null && most <= Number(said) && least >= reached) {
    return { at: 'sink', isSkipped: false };
  }
  return { at: 'consumer', isSkipped: most <= reached };
}

/**
 * Between which positions each of one writer's rows was committed. `present`: rows on the final primary, whose positions are on its
 * history.
 */
export function commitBounds(
  present: Ranges,
  lsnOf: (seq: number) => number | undefined,
): (seq: number) => CommitBounds {
  const seqs = present.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, at) => from + at),
  );
  const boundsOf = boundsInOrder(seqs.map(lsnOf));
  const at = new Map(seqs.map((seq, index) => [seq, index]));
  return (seq) => boundsOf(at.get(seq) ?? seqs.length);
}

/**
 * The same of a writer's writes in the order in which they were sent, by index. The answer to each carries the insert position just
 * before its commit record; that of the next write on the same history comes after it, for a writer sends one after the other. One
 * without an answer was not committed before it was sent, and may be committed late: its server does not know that it was given up.
 */
export function boundsInOrder(
  lsns: readonly (number | undefined)[],
): (index: number) => CommitBounds {
  const known = lsns.flatMap((lsn, index) => (lsn === undefined ? [] : [{ index, lsn }]));
  return (index) => {
    const next = firstAfter(known, index);
    const own = known[next - 1];
    const least = own?.lsn ?? 0;
    if (own?.index !== index) return { least, most: Infinity };
    // Rows of one transaction share its position.
    let later = next;
    while ((known[later]?.lsn ?? Infinity) <= least) later++;
    return { least, most: known[later]?.lsn ?? Infinity };
  };
}

/** Place of the first entry with a greater index. */
function firstAfter(known: readonly { readonly index: number }[], index: number): number {
  let low = 0;
  let high = known.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((known[middle]?.index ?? Infinity) <= index) low = middle + 1;
    else high = middle;
  }
  return low;
}
