import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArchivedFile } from '../../contracts/archive.ts';
import { archivedFile } from './list-archive.ts';

/** 000000010000000000000007.partial-<SHA-1 of its content>, or a timeline history. Source: pgBackRest, user guide, archive-push. */
const stored = /^([0-9A-F]{24}(?:\.partial)?)-([0-9a-f]{40})$/;
const history = /^[0-9A-F]{8}\.history$/;

/**
 * Every file of WAL in a repository of pgBackRest that is not compressed, by name. Two with other contents of one name are two entries.
 * Errors: those of the file system.
 */
export async function filesInRepository(
  repository: string,
  stanza: string,
): Promise<readonly ArchivedFile[]> {
  const folder = path.join(repository, 'archive', stanza);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: ArchivedFile[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    const [, name, sha1] = stored.exec(entry.name) ?? [];
    if (name !== undefined) {
      files.push({ ...(await archivedFile(file, name)), isAsNamed: (await sha1Of(file)) === sha1 });
    } else if (history.test(entry.name)) files.push(await archivedFile(file, entry.name));
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function sha1Of(file: string): Promise<string> {
  const hash = createHash('sha1');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
