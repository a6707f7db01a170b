import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SalvagedRow, SalvageSummary } from '../contracts/salvage.ts';
import { writeWhole } from '../std/write-whole.ts';
import { nameOf } from './row-images.ts';

export const csvName = 'salvaged.csv';
export const sqlName = 'salvage.sql';
export const summaryName = 'salvage.json';

const columns = [
  ...[
    'table',
    'key',
    'kind',
    'writer',
    'seq',
    'xid',
    'conflict',
    'as_sent',
    'lost',
    'present',
    'from',
  ],
];

/** Writes what was salvaged, for its owner only: it holds rows. Errors: EnvironmentError, those of writeFile. */
export async function writeSalvage(
  folder: string,
  rows: readonly SalvagedRow[],
  { sql, summary }: { readonly sql: string; readonly summary: SalvageSummary },
): Promise<void> {
  const lines = [columns, ...rows.map(fieldsOf)].map((fields) => fields.map(quoted).join(','));
  const isPrivate = { mode: 0o600 };
  await writeFile(path.join(folder, csvName), `${lines.join('\n')}\n`, isPrivate);
  await writeFile(path.join(folder, sqlName), sql, isPrivate);
  await writeWhole(path.join(folder, summaryName), `${JSON.stringify(summary, null, 2)}\n`);
}

function fieldsOf(row: SalvagedRow): readonly string[] {
  const { table, key, kind, writer, seq, xid, conflict, isAsSent, lost, present, isFromWal } = row;
  const asSent = isAsSent === null ? '' : String(isAsSent);
  return [
    ...[nameOf(table), key, kind, String(writer), String(seq), xid ?? '', conflict, asSent],
    ...[lost ?? '', present ?? '', isFromWal === true ? 'wal' : 'copy'],
  ];
}

/** Source: RFC 4180. */
function quoted(field: string): string {
  return /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
