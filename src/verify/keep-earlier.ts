import { access, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Reporter } from '../contracts/evidence.ts';
import { lostRangesFile } from '../std/units/loss-summary.ts';

/**
 * Earlier readings and verdicts of a run are evidence, so a new reading does not replace them. An earlier verdict must not
 * be taken for that of the new reading, which may not be judged yet: `result.json` becomes `result-1.json` and so on.
 */
export async function keepEarlier(
  directory: string,
  reporters: Iterable<Pick<Reporter, 'fileName'>>,
): Promise<void> {
  const names = [
    'readback.json',
    lostRangesFile,
    ...Array.from(reporters, ({ fileName }) => fileName),
  ];
  let number = 1;
  while (await isTaken(directory, names, number)) number++;
  // The reading last: a folder left half-way then has no verdict without its reading.
  for (const name of names.toReversed()) {
    const file = path.join(directory, name);
    if (await exists(file)) await rename(file, path.join(directory, numbered(name, number)));
  }
}

async function isTaken(
  directory: string,
  names: readonly string[],
  number: number,
): Promise<boolean> {
  for (const name of names) {
    if (await exists(path.join(directory, numbered(name, number)))) return true;
  }
  return false;
}

/** `readback.json` -> `readback-1.json` */
function numbered(name: string, number: number): string {
  const { name: stem, ext } = path.parse(name);
  return `${stem}-${number}${ext}`;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
