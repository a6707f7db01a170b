import { rm } from 'node:fs/promises';
import path from 'node:path';
import { evidenceFile, readEvidence } from '../../evidence/forensics/read-evidence.ts';
import { writeWhole } from '../../std/write-whole.ts';

/** Removes the copies of data directories, which nothing needs where nothing was lost; the WAL stays. */
export async function dropCopies(directory: string): Promise<void> {
  const all = await readEvidence(directory);
  if (all.every(({ copyBytes }) => copyBytes === null)) return;
  for (const { folder } of all) {
    await rm(path.join(directory, folder, 'data'), { recursive: true, force: true });
  }
  const why = 'nothing was lost, so it was removed';
  const left = all.map((taken) =>
    taken.copyBytes === null
      ? taken
      : {
          ...taken,
          copyBytes: null,
          skipped: [...taken.skipped, { what: 'copy of the data directory', why }],
        },
  );
  await writeWhole(evidenceFile(directory), `${JSON.stringify(left, null, 2)}\n`);
}
