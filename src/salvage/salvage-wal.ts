import path from 'node:path';
import type { TakenEvidence } from '../contracts/evidence.ts';
import type { SalvageTable } from '../contracts/salvage.ts';
import { tracked } from '../load/tracked.ts';
import type { RunWorkload } from '../load/placed-workloads.ts';
import type { ColumnType } from '../pg/wal/row-values.ts';
import { unbroken, walSegments } from '../pg/wal/segments.ts';
import { lsnNumber } from '../std/units/lsn.ts';
import type { LostWrite } from './lost-writes.ts';
import type { PresentRows } from './present-rows.ts';
import type { RowImage } from './row-images.ts';
import { rowsOf } from './salvage-rows.ts';
import { keyOf, type Salvaged } from './salvaging.ts';
import { rowsInWal, type WalRows } from './wal-rows.ts';

/** WAL that was taken of an old primary, and what is looked for in it. */
export interface WalSource {
  /** Of the run. */
  readonly directory: string;
  readonly taken: TakenEvidence;
  readonly forkLsn: string;
  readonly placed: RunWorkload;
  readonly present: PresentRows;
}

export interface SalvagedFromWal extends Salvaged {
  readonly notDecoded: WalRows['notDecoded'];
}

export const notInWal = 'no WAL that was taken has the row whole';

/** Columns that every tracked table begins with. */
const trackedColumns = ['writer int', 'seq int', 'version int', 'checksum bigint', 'payload text'];

/** Finds lost rows of a workload's own table in WAL alone. Errors: those of walSegments and rowsInWal. */
export async function salvageFromWal(
  { directory, taken, forkLsn, placed, present }: WalSource,
  writes: readonly LostWrite[],
): Promise<SalvagedFromWal> {
  const { workload, load, context } = placed;
  const { name, partitions, columns: own = [] } = tracked(workload).table(load.params);
  const columns = [...trackedColumns, ...own].map(columnOf);
  const all = await walSegments(path.join(directory, taken.folder, 'pg_wal'));
  const segments = unbroken(all, taken.timeline);
  const files = Math.max(1, partitions.length);
  const found = await rowsInWal(segments, lsnNumber(forkLsn), { columns, files });
  const table: SalvageTable = {
    schema: context.schema,
    name,
    key: ['writer', 'seq'],
    columns: columns.map((column) => column.name),
    made: [],
  };
  const lost = new Map<string, RowImage>();
  for (const [key, image] of found.rows) if (image) lost.set(key, image);
  const now = await present(table, [...new Set(writes.map(keyOf))]);
  const whyNot = (write: LostWrite) => whyNotIn(found, write);
  const { rows, ...rest } = rowsOf(writes, { table, lost, now, whyNot });
  const marked = rows.map((row) => ({ ...row, isFromWal: true as const }));
  return { ...rest, rows: marked, notDecoded: found.notDecoded };
}

function columnOf(ddl: string): ColumnType {
  const [name = '', type = ''] = ddl.split(' ');
  return { name, type };
}

function whyNotIn({ rows, unread }: WalRows, write: LostWrite): string | undefined {
  const key = keyOf(write);
  const why = unread.get(key);
  if (why !== undefined) return `in WAL: ${why}`;
  const image = rows.get(key);
  if (write.kind === 'delete') {
    return image === null ? undefined : 'no WAL that was taken shows whose row was deleted';
  }
  if (image === null) return 'the row was deleted again, as WAL shows';
  if (!image) return notInWal;
  return Number(image.version) < write.version
    ? 'the WAL that was taken has only an older version of the row whole'
    : undefined;
}
