import type { DeliveredChange } from '../../contracts/downstream.ts';
import type { Ranges } from '../../contracts/evidence.ts';
import type { DeliveryAnomaly, DeliveryFlaw } from '../../contracts/result/downstream.ts';
import { contains, rangesOf } from '../../std/ranges.ts';

/** The writes on the final primary, by writer. */
export type PresentRows = ReadonlyMap<number, Ranges>;

/** What a sink holds, counted once through. */
export interface Delivery {
  /** Writer -> seq -> the batch that first delivered it, null where the sink keeps none; of writes that are on the final primary. */
  readonly first: ReadonlyMap<number, ReadonlyMap<number, number | null>>;
  readonly delivered: number;
  readonly duplicates: number;
  /** null: the sink does not keep the positions of all. */
  readonly outOfOrder: number | null;
  /** null: the sink does not say of all. */
  readonly corrupted: number | null;
  readonly phantoms: number;
  /** By kind, writer and seq; every one that is known. */
  readonly anomalies: readonly DeliveryAnomaly[];
}

/**
 * Counts deliveries by what they are. Order is that of the commits: two sessions of one writer may commit out of the order of
 * its seqs, when an operation that was given up commits late. A phantom's position is on WAL that is gone, and orders nothing.
 */
export function foldChanges(changes: Iterable<DeliveredChange>, present: PresentRows): Delivery {
  const first: Noted = new Map();
  const gone: Noted = new Map();
  const unsound: Noted = new Map();
  const repeated: Noted = new Map();
  const late: Noted = new Map();
  let duplicates = 0;
  let isKnown = true;
  let outOfOrder: number | null = 0;
  let highest = -1n;
  for (const { batch, writer, seq, lsn, isSound } of changes) {
    const isPresent = contains(present.get(writer) ?? [], seq);
    if (isSound === null) isKnown = false;
    else if (!isSound) note(unsound, { writer, seq, batch });
    if (!note(isPresent ? first : gone, { writer, seq, batch })) {
      duplicates++;
      note(repeated, { writer, seq, batch });
      continue;
    }
    if (!isPresent) continue;
    if (lsn === null || outOfOrder === null) outOfOrder = null;
    else if (lsn < highest) {
      outOfOrder++;
      note(late, { writer, seq, batch });
    } else highest = lsn;
  }
  return {
    first,
    delivered: size(first),
    duplicates,
    outOfOrder,
    corrupted: isKnown ? size(unsound) : null,
    phantoms: size(gone),
    anomalies: [
      ...named('duplicated', repeated),
      ...(outOfOrder === null ? [] : named('outOfOrder', late)),
      ...named('corrupted', unsound),
      ...named('phantom', gone),
    ],
  };
}

type Noted = Map<number, Map<number, number | null>>;

/** Whether it was not noted before. */
function note(
  rows: Noted,
  { writer, seq, batch }: Pick<DeliveredChange, 'writer' | 'seq' | 'batch'>,
): boolean {
  const known = rows.get(writer);
  if (known?.has(seq)) return false;
  if (known) known.set(seq, batch);
  else rows.set(writer, new Map([[seq, batch]]));
  return true;
}

function named(kind: DeliveryFlaw, rows: Noted): readonly DeliveryAnomaly[] {
  return [...rows].flatMap(([writer, seqs]) =>
    rangesOf(seqs.keys()).map(([from, to]) => ({ kind, writer, from, to })),
  );
}

function size(rows: ReadonlyMap<number, ReadonlyMap<number, unknown>>): number {
  return [...rows.values()].reduce((sum, seqs) => sum + seqs.size, 0);
}
