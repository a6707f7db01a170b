import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { EnvironmentError } from '../../std/errors.ts';
import { faketimeText, faketimeEnvironment, sitecustomize } from '../../machine/faketime.ts';
import { labFolder } from './layout.ts';

/** Debian's path: one folder per architecture. */
const libraries = '/usr/lib';

/** libfaketime for threaded programs; FORKPOINT_FAKETIME overrides the path. Undefined if there is none. */
export function faketimeLibrary(): string | undefined {
  const named = process.env.FORKPOINT_FAKETIME;
  const candidates = named
    ? [named]
    : foldersOf(libraries).map((folder) =>
        path.join(libraries, folder, 'faketime/libfaketimeMT.so.1'),
      );
  return candidates.find(existsSync);
}

/** Errors: EnvironmentError when the library was removed since preflight. */
export function clockEnvironment(node: string): readonly string[] {
  const library = faketimeLibrary();
  if (library === undefined) throw new EnvironmentError('libfaketimeMT.so.1 is gone');
  return faketimeEnvironment({ library, clock: clockFile(node), python: `${labFolder}/${node}` });
}

/** Files for `clockEnvironment`, by their path in the lab: a correct clock. */
export function clockFiles(node: string): readonly (readonly [path: string, text: string])[] {
  return [
    [clockFile(node), faketimeText(0)],
    [`${labFolder}/${node}/sitecustomize.py`, sitecustomize],
  ];
}

export function clockFile(node: string): string {
  return `${labFolder}/${node}/clock`;
}

function foldersOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}
