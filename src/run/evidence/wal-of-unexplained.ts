import path from 'node:path';
import { stat } from 'node:fs/promises';
import type { Result } from '../../contracts/result.ts';
import { readEvidence } from '../../evidence/forensics/read-evidence.ts';
import { bytes } from '../../std/units/shown.ts';

/**
 * Where the WAL lies by which a loss without a cause is looked into, as a sentence; undefined: no such loss. A bundle has none of it,
 * for it holds rows. Errors: those of readEvidence.
 */
export async function walOfUnexplained(
  directory: string,
  { lossSummary }: Pick<Result, 'lossSummary'>,
): Promise<string | undefined> {
  if (!lossSummary?.places.some(({ cause }) => cause === 'unexplained')) return undefined;
  const folders: string[] = [];
  for (const { folder, segments } of await readEvidence(directory)) {
    if (segments.length === 0) continue;
    const sizes = segments.map(async (name) => {
      const found = await stat(path.join(directory, folder, 'pg_wal', name)).catch(() => undefined);
      return found?.size ?? 0;
    });
    const size = (await Promise.all(sizes)).reduce((sum, each) => sum + each, 0);
    folders.push(`${folder}/pg_wal (${bytes(size)})`);
  }
  if (folders.length === 0) {
    return 'no WAL was taken that would say more of the unexplained loss: keep pg_wal of every node before it is reused';
  }
  return `the unexplained loss is to be looked for in the WAL in ${folders.join(' and ')}; a bundle leaves it out, for it holds rows: send it beside the bundle`;
}
