import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { EnvironmentError } from '../../std/errors.ts';
import { faketimeText, faketimeEnvironment, sitecustomize } from '../../machine/faketime.ts';
import { labFolder } from './layout.ts';

/** Where Debian keeps it: one folder per architecture. */
const libraries = '/usr/lib';

/** libfaketime for programs with threads; FORKPOINT_FAKETIME names another. Undefined where there is none. */
export function faketimeLibrary(): string | undefined {
  const named = process.env.FORKPOINT_FAKETIME;
  const candidates = named
    ? [named]
    : foldersOf(libraries).map((folder) =>
        path.join(libraries, folder, 'faketime/libfaketimeMT.so.1'),
      );
  return candidates.find(existsSync);
}

/** Errors: EnvironmentError when the library has gone since preflight. */
export function clockEnvironment(node: string): readonly string[] {
  const library = faketimeLibrary();
  if (library === undefined) throw new EnvironmentError('libfaketimeMT.so.1 is gone');
  return faketimeEnvironment({ library, clock: clockFile(node), python: `${labFolder}/${node}` });
}

/** Files of `clockEnvironment`, by their path in the lab: a clock that is right. */
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
