import { readFile } from 'node:fs/promises';
import type { StoredChange } from '../../contracts/downstream.ts';
import type { Change } from '../../downstream/change.ts';
import { readSinkFile } from '../../downstream/sink-file.ts';
import { rowChecksum } from '../../pg/checksum.ts';
import type { SourceTable } from './sink-query.ts';

/** What a sink holds of the load's table. */
export interface Held {
  /** null: its word of how far it has come is not kept, or there is none. */
  readonly confirmed: string | null;
  readonly changes: readonly StoredChange[];
}

/** A consumer's file of JSON lines. A torn tail was never delivered. Errors: Error with what is wrong with it. */
export async function heldInFile(file: string, sources: readonly SourceTable[]): Promise<Held> {
  const relations = new Set(sources.map(relationOf));
  const { batches } = readSinkFile(await readFile(file));
  const changes = batches.flatMap(({ number, changes: all }) =>
    all.filter(({ relation }) => relations.has(relation)).map((change) => stored(number, change)),
  );
  return { confirmed: batches.at(-1)?.to.lsn ?? null, changes };
}

/** As a consumer's change names it. */
export function relationOf({ schema, table }: SourceTable): string {
  return `${schema}.${table}`;
}

function stored(batch: number, { kind, lsn, row }: Change): StoredChange {
  const [writer, seq] = [Number(row.writer), Number(row.seq)];
  // Only the key of a deleted row is sent.
  if (kind === 'delete') return [batch, writer, seq, 0, lsn, null, kind];
  const key = { writer, seq, version: Number(row.version) };
  if (kind === 'insert') return [batch, writer, seq, key.version, lsn, isSound(key, row)];
  // A value that an update leaves in its TOAST table is not sent again.
  const sound = 'payload' in row ? isSound(key, row) : null;
  return [batch, writer, seq, key.version, lsn, sound, kind];
}

/** As `soundness` says it in SQL. */
function isSound(
  key: { readonly writer: number; readonly seq: number; readonly version: number },
  { checksum, payload }: Change['row'],
): boolean {
  if (typeof payload !== 'string') return false;
  return rowChecksum(Buffer.from(payload), key).toString() === String(checksum);
}
