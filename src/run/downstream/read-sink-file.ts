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
export async function heldInFile(file: string, { schema, table }: SourceTable): Promise<Held> {
  const { batches } = readSinkFile(await readFile(file));
  const changes = batches.flatMap(({ number, changes: all }) =>
    all
      .filter(({ kind, relation }) => kind === 'insert' && relation === `${schema}.${table}`)
      .map((change) => stored(number, change)),
  );
  return { confirmed: batches.at(-1)?.to.lsn ?? null, changes };
}

function stored(batch: number, { lsn, row }: Change): StoredChange {
  const key = { writer: Number(row.writer), seq: Number(row.seq), version: Number(row.version) };
  return [batch, key.writer, key.seq, key.version, lsn, isSound(key, row)];
}

/** As `soundness` says it in SQL. */
function isSound(
  key: { readonly writer: number; readonly seq: number; readonly version: number },
  { checksum, payload }: Change['row'],
): boolean {
  if (typeof payload !== 'string') return false;
  return rowChecksum(Buffer.from(payload), key).toString() === String(checksum);
}
