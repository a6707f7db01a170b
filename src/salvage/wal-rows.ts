import { rowChecksum } from '../pg/checksum.ts';
import { type HeapChange, HeapRows } from '../pg/wal/heap-rows.ts';
import { type ColumnType, type DecodedValue, rowValues } from '../pg/wal/row-values.ts';
import { recordsOf, type WalSegment } from '../pg/wal/segments.ts';
import { TransactionFold } from '../pg/wal/transactions.ts';
import type { RowImage } from './row-images.ts';
import { keyOf } from './salvaging.ts';

/** A tracked table as it is looked for in WAL, which names tables by a file number only. */
export interface WalTable {
  /** All of them, in their order. */
  readonly columns: readonly ColumnType[];
  /** How many files hold it: itself, or its partitions. */
  readonly files: number;
}

/** What committed transactions of a stretch of WAL left of a table's rows, by keyOf. */
export interface WalRows {
  /** The newest version; null: it was deleted. */
  readonly rows: ReadonlyMap<string, RowImage | null>;
  /** Rows whose newest version could not be read, and why. */
  readonly unread: ReadonlyMap<string, string>;
  /** How many versions of rows that are not named were not decoded, by reason. */
  readonly notDecoded: ReadonlyMap<string, number>;
}

interface RowEvent {
  readonly start: number;
  readonly relation: string;
  /** Undefined: not even the key is known. */
  readonly key: string | undefined;
  /** null: a deletion. */
  readonly image: RowImage | null | undefined;
  readonly why: string | undefined;
}

/**
 * Decodes a tracked table's rows from the heap records of transactions that committed at or past a position.
 * No file number of the table is kept with the evidence: a row is known by its shape, and proved by the checksum that the client made of
 * its content, key and version before sending; other rows are none of ours. Rows of another run have another content under the same
 * key: so only what committed past the fork counts, and only while no more files have such rows than the table has.
 * Errors: those of recordsOf; RangeError for a record that is not as PostgreSQL writes it.
 */
export async function rowsInWal(
  segments: readonly WalSegment[],
  fromLsn: number,
  table: WalTable,
): Promise<WalRows> {
  const heap = new HeapRows(({ columns }) => columns === table.columns.length);
  const fold = new TransactionFold();
  const open = new Map<number, RowEvent[]>();
  const committed: RowEvent[] = [];
  for await (const records of recordsOf(segments)) {
    for (const record of records) {
      const changes = heap.add(record);
      const ofTransaction = open.get(record.xid) ?? [];
      for (const change of changes) {
        const event = eventOf(change, record, table.columns);
        if (event) ofTransaction.push(event);
      }
      if (ofTransaction.length > 0) open.set(record.xid, ofTransaction);
      const ended = fold.add(record);
      if (!ended) continue;
      for (const xid of [ended.xid, ...ended.subtransactions]) {
        const done = open.get(xid) ?? [];
        open.delete(xid);
        if (ended.kind === 'commit' && ended.lsn >= fromLsn) committed.push(...done);
      }
    }
  }
  return settled(committed, table);
}

/** Undefined: it is of another table. */
function eventOf(
  { kind, relation, tuple, why }: HeapChange,
  { start, xid }: { readonly start: number; readonly xid: number },
  columns: readonly ColumnType[],
): RowEvent | undefined {
  const place = { start, relation };
  if (!tuple)
    return why === undefined ? undefined : { ...place, key: undefined, image: undefined, why };
  const decoded = rowValues(tuple, columns);
  const [writer, seq] = ['writer', 'seq'].map((name) => decoded?.values.get(name)?.json);
  if (!decoded || writer === undefined || seq === undefined) return undefined;
  const key = keyOf({ writer: Number(writer), seq: Number(seq) });
  if (decoded.why !== undefined) return { ...place, key, image: undefined, why: decoded.why };
  const image = provenImage(decoded.values, { key, xid });
  return image && { ...place, key, image: kind === 'delete' ? null : image, why: undefined };
}

/** Undefined: its content has not the checksum that the client made. */
function provenImage(
  values: ReadonlyMap<string, DecodedValue>,
  { key, xid }: { readonly key: string; readonly xid: number },
): RowImage | undefined {
  const textOf = (name: string) => values.get(name)?.json ?? '';
  const [writer, seq, version] = ['writer', 'seq', 'version'].map((name) => Number(textOf(name)));
  const payload = values.get('payload')?.bytes ?? Buffer.alloc(0);
  const checksum = textOf('checksum');
  const row = { writer: writer ?? 0, seq: seq ?? 0, version: version ?? 0 };
  if (checksum !== String(rowChecksum(payload, row))) return undefined;
  return {
    image: objectOf(values),
    key,
    xid: String(xid),
    command: 0,
    version: textOf('version'),
    checksum,
    payload: payload.toString(),
  };
}

/** As to_jsonb writes it: shorter names first. */
function objectOf(values: ReadonlyMap<string, DecodedValue>): string {
  const sorted = [...values].sort(
    ([a], [b]) => a.length - b.length || Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  return `{${sorted.map(([name, { json }]) => `${JSON.stringify(name)}: ${json}`).join(', ')}}`;
}

function settled(all: readonly RowEvent[], { files }: WalTable): WalRows {
  const proven = new Set(all.flatMap(({ image, relation }) => (image ? [relation] : [])));
  const rows = new Map<string, RowImage | null>();
  const unread = new Map<string, string>();
  const notDecoded = new Map<string, number>();
  if (proven.size > files) {
    const why = `rows of ${proven.size} files have the shape and checksums of the table, which has ${files}`;
    return { rows, unread, notDecoded: new Map([[why, all.length]]) };
  }
  const isOurs = ({ relation }: RowEvent) => proven.size === 0 || proven.has(relation);
  for (const { key, image, why } of all.filter(isOurs).sort((a, b) => a.start - b.start)) {
    if (key === undefined) notDecoded.set(why ?? '', (notDecoded.get(why ?? '') ?? 0) + 1);
    else if (image === undefined) {
      rows.delete(key);
      unread.set(key, why ?? '');
    } else {
      rows.set(key, image);
      unread.delete(key);
    }
  }
  return { rows, unread, notDecoded };
}
