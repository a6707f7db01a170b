import type { DeliveredChange } from '../../contracts/downstream.ts';
import type { Ranges } from '../../contracts/evidence.ts';
import { contains } from '../../std/ranges.ts';

/** The writes on the final primary, by writer. */
export type PresentRows = ReadonlyMap<number, Ranges>;

/** What a sink holds, counted once through. */
export interface Delivery {
  /** Writer -> seq -> the batch that first delivered it; of writes that are on the final primary. */
  readonly first: ReadonlyMap<number, ReadonlyMap<number, number>>;
  readonly delivered: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  readonly corrupted: number;
  readonly phantoms: number;
}

/**
 * Counts deliveries by what they are. Order is that of the commits: two sessions of one writer may commit out of the order of
 * its seqs, when an operation that was given up commits late. A phantom's position is on WAL that is gone, and orders nothing.
 */
export function foldChanges(changes: Iterable<DeliveredChange>, present: PresentRows): Delivery {
  const first = new Map<number, Map<number, number>>();
  const gone = new Map<number, Map<number, number>>();
  const unsound = new Map<number, Map<number, number>>();
  let duplicates = 0;
  let outOfOrder = 0;
  let highest = -1n;
  for (const { batch, writer, seq, lsn, isSound } of changes) {
    const isPresent = contains(present.get(writer) ?? [], seq);
    if (!isSound) note(unsound, { writer, seq, batch });
    if (!note(isPresent ? first : gone, { writer, seq, batch })) {
      duplicates++;
      continue;
    }
    if (!isPresent) continue;
    if (lsn < highest) outOfOrder++;
    else highest = lsn;
  }
  return {
    first,
    delivered: size(first),
    duplicates,
    outOfOrder,
    corrupted: size(unsound),
    phantoms: size(gone),
  };
}

/** Whether it was not noted before. */
function note(
  rows: Map<number, Map<number, number>>,
  { writer, seq, batch }: Pick<DeliveredChange, 'writer' | 'seq' | 'batch'>,
): boolean {
  const known = rows.get(writer);
  if (known?.has(seq)) return false;
  if (known) known.set(seq, batch);
  else rows.set(writer, new Map([[seq, batch]]));
  return true;
}

function size(rows: ReadonlyMap<number, ReadonlyMap<number, number>>): number {
  return [...rows.values()].reduce((sum, seqs) => sum + seqs.size, 0);
}
