import { existsSync } from 'node:fs';
import path from 'node:path';
import type { TakenEvidence } from '../../contracts/evidence.ts';

/** What a taking calls the parts without which there is no WAL. */
const needed: ReadonlySet<string> = new Set(['data directory', 'WAL past the fork']);

/** Why no WAL of a taking can be read, in words that name no folder of this host. */
export function whyNoWal(directory: string, taken: TakenEvidence): string {
  const { folder, timeline, segments, skipped } = taken;
  const [first] = segments;
  if (first === undefined) {
    const why = skipped
      .filter(({ what }) => needed.has(what))
      .map(({ what, why }) => `${what}: ${why}`)
      .join('; ');
    return `none was taken: ${why === '' ? `no file of timeline ${timeline} past the fork was found on the node` : why}`;
  }
  return existsSync(path.join(directory, folder, 'pg_wal', first))
    ? `no record of timeline ${timeline} can be read in ${folder}/pg_wal`
    : `it was taken, and is not in ${folder}/pg_wal of this copy of the run: a bundle leaves WAL out, for it holds rows`;
}
