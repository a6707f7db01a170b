import type { DeliveredChange } from '../../contracts/downstream.ts';
import type { DeliveryAnomaly, DeliveryFlaw } from '../../contracts/result/downstream.ts';
import { ByWrite } from './by-write.ts';
import type { WriterHistory } from './writer-history.ts';

/** Of each writer of the run. */
export type Histories = ReadonlyMap<number, WriterHistory>;

type ByWriter<Value> = Map<number, ByWrite<Value>>;

/** What a sink holds, counted once through. */
export interface Delivery {
  /** By writer: the batch that first delivered each certain write, null where the sink keeps none. */
  readonly first: ReadonlyMap<number, ByWrite<number | null>>;
  readonly delivered: number;
  readonly duplicates: number;
  /** null: the sink does not keep the positions of all. */
  readonly outOfOrder: number | null;
  /** null: the sink does not say of all. */
  readonly corrupted: number | null;
  readonly phantoms: number;
  /** By kind and writer; every one that is known. */
  readonly anomalies: readonly DeliveryAnomaly[];
}

/**
 * Counts deliveries by what they are. Order is that of the commits: two sessions of one writer may commit out of the order of
 * its writes, when an operation that was given up commits late. The position of what is not on the final primary's history for certain
 * may be on WAL that is gone, and orders nothing.
 */
export function foldChanges(changes: Iterable<DeliveredChange>, histories: Histories): Delivery {
  const first: ByWriter<number | null> = new Map();
  const doubted: ByWriter<number | null> = new Map();
  const gone: ByWriter<number | null> = new Map();
  const unsound: ByWriter<number | null> = new Map();
  const repeated: ByWriter<number | null> = new Map();
  const late: ByWriter<number | null> = new Map();
  const notes = { on: first, off: gone, uncertain: doubted };
  let duplicates = 0;
  let isKnown = true;
  let outOfOrder: number | null = 0;
  let highest = -1n;
  for (const change of changes) {
    const { kind, writer, lsn, isSound } = change;
    const fate = histories.get(writer)?.fateOf(change) ?? 'off';
    if (isSound === null && kind !== 'delete') isKnown = false;
    else if (isSound === false) note(unsound, change);
    if (!note(notes[fate], change)) {
      duplicates++;
      note(repeated, change);
      continue;
    }
    if (fate !== 'on') continue;
    if (lsn === null || outOfOrder === null) outOfOrder = null;
    else if (lsn < highest) {
      outOfOrder++;
      note(late, change);
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

/** Whether it was not noted before. */
function note(writes: ByWriter<number | null>, change: DeliveredChange): boolean {
  const { writer, batch } = change;
  const own = writes.get(writer) ?? new ByWrite();
  writes.set(writer, own);
  return own.add(change, batch);
}

function named(kind: DeliveryFlaw, writes: ByWriter<number | null>): readonly DeliveryAnomaly[] {
  return [...writes].flatMap(([writer, own]) =>
    own.ranges(writer).map((range) => ({ kind, ...range })),
  );
}

function size(writes: ReadonlyMap<number, ByWrite<unknown>>): number {
  return [...writes.values()].reduce((sum, own) => sum + own.size, 0);
}
