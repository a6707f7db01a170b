import type { NodeReading, Ranges } from '../../contracts/evidence.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import { readJournal } from '../../evidence/journal/reader.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';
import type { Ledger } from './ledger.ts';
import { clip, contains, count, normalize, subtract } from '../../std/ranges.ts';
import { RangeSet } from '../../std/range-set.ts';

/** A server-made id that was acknowledged for more than one row. */
export interface ReissuedId {
  readonly id: number;
  readonly writes: readonly { readonly writer: number; readonly seq: number }[];
}

/** What the ids that a server made tell, and what a check that trusts them would have told. */
export interface ServerIds {
  /** Acknowledged rows whose id was journaled. */
  readonly acknowledged: number;
  /** Acknowledgements of an id beyond its first: each is a row whose id was another's as well. */
  readonly reissued: number;
  /** At most 10,000 of them, by id. */
  readonly reissuedIds: readonly ReissuedId[];
  /** What two common checks would have called lost; null when the primary's ids were not read. */
  readonly byServerId: { readonly inList: number; readonly countBetween: number } | null;
}

const NAMED_IDS = 10_000;

/**
 * Undefined when no ids were journaled.
 * inList: distinct acknowledged ids that `id IN (...)` does not find. countBetween: acknowledged rows less the
 * ids found between the lowest and the highest acknowledged one; never below 0.
 */
export function judgeServerIds(
  paths: readonly string[],
  ledger: Ledger,
  reading: NodeReading | undefined,
): ServerIds | undefined {
  // Nearly no workload journals any, and to look for them is a pass over all journals.
  if (!ledger.hasIds) return undefined;
  const ids = new RangeSet();
  let acknowledged = 0;
  readIds(paths, ledger, (from, to) => {
    ids.add(from, to);
    acknowledged += to - from + 1;
  });
  if (acknowledged === 0) return undefined;
  const distinct = ids.ranges();
  const reissued = count(distinct) === acknowledged ? [] : ids.repeated();
  return {
    acknowledged,
    reissued: acknowledged - count(distinct),
    reissuedIds: nameReissued(paths, ledger, normalize(reissued)),
    byServerId: reading?.ids ? byServerId(distinct, acknowledged, reading.ids) : null,
  };
}

function byServerId(ids: Ranges, acknowledged: number, present: Ranges) {
  const between = clip(present, ids[0]?.[0] ?? 0, ids.at(-1)?.[1] ?? 0);
  return {
    inList: count(subtract(ids, present)),
    countBetween: Math.max(0, acknowledged - count(between)),
  };
}

function nameReissued(
  paths: readonly string[],
  ledger: Ledger,
  reissued: Ranges,
): readonly ReissuedId[] {
  if (reissued.length === 0) return [];
  const named = new Map<number, { writer: number; seq: number }[]>();
  readIds(paths, ledger, (from, to, writer, seq) => {
    for (const [first, last] of clip(reissued, from, to)) {
      for (let id = first; id <= last; id++) {
        const writes = named.get(id) ?? [];
        if (writes.length === 0 && named.size === NAMED_IDS) return;
        writes.push({ writer, seq: seq + id - from });
        named.set(id, writes);
      }
    }
  });
  return [...named].sort(([a], [b]) => a - b).map(([id, writes]) => ({ id, writes }));
}

type TakeIds = (from: number, to: number, writer: number, seq: number) => void;

/** Ids of acknowledged rows only: the others were never promised. */
function readIds(paths: readonly string[], ledger: Ledger, take: TakeIds): void {
  const acknowledged = new Map<number, Ranges>();
  const rowsOf = (writer: number): Ranges => {
    const known = acknowledged.get(writer);
    if (known) return known;
    const rows = ledger.writer(writer)?.inserted('acknowledged') ?? [];
    acknowledged.set(writer, rows);
    return rows;
  };
  const visitor: JournalVisitor = {
    id: ({ writer, seq, count: rows, id }: RecordCursor) => {
      const known = rowsOf(writer);
      if (rows === 1) {
        if (contains(known, seq)) take(id, id, writer, seq);
        return;
      }
      for (const [from, to] of clip(known, seq, seq + rows - 1)) {
        take(id + from - seq, id + to - seq, writer, from);
      }
    },
  };
  for (const path of paths) readJournal(path, {}, visitor);
}
