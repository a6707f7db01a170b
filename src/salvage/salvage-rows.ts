import type { SalvagedRow, SalvageTable } from '../contracts/salvage.ts';
import { tracked } from '../load/tracked.ts';
import { rowChecksum } from '../pg/checksum.ts';
import { ClusterError } from '../std/errors.ts';
import { conflictOfTracked } from './conflict.ts';
import type { LostWrite } from './lost-writes.ts';
import { type RowImage, rowsByKey, tablesOf } from './row-images.ts';
import { keyOf, type Missing, noSuchRow, type Salvaged, type Sources } from './salvaging.ts';

/** Finds lost rows of a workload's own table, which carry their identity. Errors: ClusterError, SqlError. */
export async function salvageRows(
  { placed, copy, present }: Sources,
  writes: readonly LostWrite[],
): Promise<Salvaged> {
  const table = await trackedTableOf({ placed, copy });
  const wanted = [...new Set(writes.map(keyOf))];
  const [lost, now] = [await rowsByKey(copy, table, wanted), await present(table, wanted)];
  return rowsOf(writes, { table, lost, now, whyNot });
}

interface Found {
  readonly table: SalvageTable;
  readonly lost: ReadonlyMap<string, RowImage>;
  /** Undefined: the primary was not asked. */
  readonly now: ReadonlyMap<string, RowImage> | undefined;
  /** Undefined: the write is in `lost`, or a deletion is shown. */
  readonly whyNot: (write: LostWrite, image: RowImage | undefined) => string | undefined;
}

/** What came back of these writes: one row of a key, however many of its writes were lost. */
export function rowsOf(
  writes: readonly LostWrite[],
  { table, lost, now, whyNot }: Found,
): Salvaged {
  const rows = new Map<string, SalvagedRow>();
  const missing: Missing[] = [];
  let found = 0;
  for (const write of writes) {
    const key = keyOf(write);
    const image = lost.get(key);
    const why = whyNot(write, image);
    if (why !== undefined) {
      missing.push({ write, why });
      continue;
    }
    found += write.writes;
    // A row whose insert is lost is put back as it was after its lost updates.
    if (rows.get(key)?.kind === 'insert') continue;
    const { kind, writer, seq } = write;
    rows.set(key, {
      table,
      writer,
      seq,
      kind,
      xid: image?.xid ?? null,
      key,
      lost: image?.image ?? null,
      present: now?.get(key)?.image ?? null,
      conflict: now ? conflictOfTracked(kind, image, now.get(key)) : 'unknown',
      isAsSent: image ? isAsSent(write, image) : null,
    });
  }
  return { rows: [...rows.values()], transactions: [], writes: found, missing };
}

/** Errors: ClusterError when the copy has no such table: it is of another run, or older than the table. */
export async function trackedTableOf({
  placed: { workload, load, context },
  copy,
}: Omit<Sources, 'present'>): Promise<SalvageTable> {
  const { name } = tracked(workload).table(load.params);
  const all = await tablesOf(copy, (schema) => schema === context.schema);
  const table = all.find((each) => each.schema === context.schema && each.name === name);
  if (!table) throw new ClusterError(`the copy has no table ${context.schema}.${name}`);
  return table;
}

function whyNot({ kind, version }: LostWrite, image: RowImage | undefined): string | undefined {
  if (kind === 'delete') return image && 'the copy still has the deleted row';
  if (!image) return noSuchRow;
  if (kind === 'update' && Number(image.version) < version) {
    return 'the copy has an older version of the row';
  }
  return undefined;
}

/** The checksum was made by the client, of the content that it sent. */
export function isAsSent(
  { writer, seq }: Pick<LostWrite, 'writer' | 'seq'>,
  row: RowImage,
): boolean {
  const version = Number(row.version);
  return (
    row.checksum === String(rowChecksum(Buffer.from(row.payload ?? ''), { writer, seq, version }))
  );
}
