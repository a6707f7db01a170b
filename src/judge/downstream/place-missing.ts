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
 * Between which positions each of one writer's rows was committed. Its answer carries the insert position just before the commit
 * record; that of its next write on the same history comes after it, for a writer sends one after the other.
 * `present`: rows on the final primary, whose positions are on its history.
 */
export function commitBounds(
  present: Ranges,
  lsnOf: (seq: number) => number | undefined,
): (seq: number) => CommitBounds {
  const known: { readonly seq: number; readonly lsn: number }[] = [];
  for (const [from, to] of present) {
    for (let seq = from; seq <= to; seq++) {
      const lsn = lsnOf(seq);
      if (lsn !== undefined) known.push({ seq, lsn });
    }
  }
  return (seq) => {
    const next = firstAfter(known, seq);
    // Rows of one transaction share its position.
    const own = known[next - 1]?.lsn ?? 0;
    let later = next;
    while ((known[later]?.lsn ?? Infinity) <= own) later++;
    return { least: own, most: known[later]?.lsn ?? Infinity };
  };
}

/** Index of the first entry with a greater seq. */
function firstAfter(known: readonly { readonly seq: number }[], seq: number): number {
  let low = 0;
  let high = known.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((known[middle]?.seq ?? Infinity) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
