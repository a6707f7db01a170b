import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SalvageTable } from '../contracts/salvage.ts';
import { evidenceFolder } from '../evidence/forensics/read-evidence.ts';
import { readStoredText } from '../evidence/store/read-json.ts';
import type { Session } from '../pg/session.ts';
import { nameOf, type RowImage, rowsByKey } from './row-images.ts';

/** What the primary has of a table's rows now; undefined: it was not asked. */
export type PresentRows = (
  table: SalvageTable,
  wanted: readonly string[],
) => Promise<ReadonlyMap<string, RowImage> | undefined>;

/** Asked rows by table and key, as the primary had them at the end of the run; null: it had no such row. */
type Stored = Record<string, Record<string, RowImage | null>>;

const fileName = 'present.json';

export interface PresentSource {
  readonly rows: PresentRows;
  /** Keeps what was answered, for a later salvage of the same run. Errors: those of writeFile. */
  keep(directory: string): Promise<void>;
}

export function presentIn(session: Session): PresentSource {
  const asked: Stored = {};
  return {
    rows: async (table, wanted) => {
      const found = await rowsByKey(session, table, wanted);
      const ofTable = (asked[nameOf(table)] ??= {});
      for (const key of wanted) ofTable[key] = found.get(key) ?? null;
      return found;
    },
    keep: (directory) =>
      writeFile(path.join(directory, evidenceFolder, fileName), JSON.stringify(asked)),
  };
}

/** What an earlier salvage was answered. Errors: as readStoredText. */
export async function storedPresent(directory: string): Promise<PresentRows> {
  const text = await readStoredText(path.join(directory, evidenceFolder, fileName));
  const asked = text === undefined ? {} : (JSON.parse(text) as Stored);
  return (table, wanted) => {
    const ofTable = asked[nameOf(table)];
    // A row that was not asked for is unknown, and so is all of its table.
    if (!ofTable || !wanted.every((key) => Object.hasOwn(ofTable, key))) {
      return Promise.resolve(undefined);
    }
    const found = wanted.flatMap((key) => {
      const row = ofTable[key];
      return row ? [[key, row] as const] : [];
    });
    return Promise.resolve(new Map(found));
  };
}
