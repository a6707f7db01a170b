import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArchivedFile, ArchivePush } from '../../contracts/archive.ts';
import { placeIn } from '../../pg/wal/segments.ts';
import { formatLsn } from '../../std/units/lsn.ts';

const segment = /^[0-9A-F]{24}$/;
const archived = /^(?:[0-9A-F]{24}(?:\.partial)?|[0-9A-F]{8}\.history)$/;

export function walIn(folder: string): string {
  return path.join(folder, 'wal');
}

/** Every segment and timeline history in the archive, by name. Errors: those of the file system. */
export async function filesIn(folder: string): Promise<readonly ArchivedFile[]> {
  const names = (await readdir(walIn(folder))).filter((name) => archived.test(name)).sort();
  const files: ArchivedFile[] = [];
  for (const name of names) files.push(await archivedFile(path.join(walIn(folder), name), name));
  return files;
}

/** One of them, wherever it lies. */
export async function archivedFile(file: string, name: string): Promise<ArchivedFile> {
  const { size: bytes } = await stat(file);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const known = { name, bytes, sha256: hash.digest('hex') };
  if (!segment.test(name)) return known;
  const place = await placeIn(file);
  const holds = place ? { timeline: place.timeline, lsn: formatLsn(place.from) } : null;
  return { ...known, holds };
}

/** What the lab's own command noted, oldest first; none where the scenario has another command. */
export async function pushesIn(folder: string): Promise<readonly ArchivePush[]> {
  const text = await readFile(path.join(folder, 'pushes'), 'utf8').catch(noneYet);
  return text.split('\n').flatMap((line) => {
    const [node = '', name = '', sha256 = '', how = ''] = line.split(' ');
    return isHow(how) && archived.test(name) ? [{ node, name, sha256, how }] : [];
  });
}

function isHow(word: string): word is ArchivePush['how'] {
  return word === 'archived' || word === 'again' || word === 'refused';
}

function noneYet(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
