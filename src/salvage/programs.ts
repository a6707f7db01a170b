import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { EnvironmentError } from '../std/errors.ts';

const debianFolder = '/usr/lib/postgresql';

/** Folder of PostgreSQL's programs of a major version on this host. Errors: EnvironmentError that names what to install. */
export function programsFor(version: string): string {
  const named = process.env.FORKPOINT_PG_BIN;
  const candidates = [`${debianFolder}/${version}/bin`, ...(named ? [named] : [])];
  const found = candidates.find((folder) => folder.includes(version) && isThere(folder));
  if (found !== undefined) return found;
  throw new EnvironmentError(
    `no PostgreSQL ${version} on this host (looked in ${candidates.join(' and ')}): install postgresql-${version}`,
  );
}

function isThere(folder: string): boolean {
  try {
    accessSync(path.join(folder, 'postgres'), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
