import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { lostRangesFile } from '../../std/units/loss-summary.ts';
import { holdsRows, isServerData } from '../../std/units/evidence-paths.ts';
import { unreadable } from '../store/read-json.ts';

/**
 * journal: packed unchanged, or left out. ranges: every lost range, packed unchanged (numbers and names of nodes). log: may be
 * cut. report: can be rendered again.
 */
export type PartKind = 'journal' | 'ranges' | 'evidence' | 'log' | 'report';

export interface RunFile {
  /** Relative to the run's folder, with slashes. */
  readonly name: string;
  readonly path: string;
  readonly kind: PartKind;
  readonly bytes: number;
}

export interface Collected {
  readonly files: readonly RunFile[];
  readonly leftOut: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly why: string;
  }[];
}

/** Files that a bundle never contains, and why. */
const unwanted: readonly (readonly [RegExp, string])[] = [
  [/^lab\.json$/, 'how the cluster was reached, which is useless elsewhere'],
  [/\.tmp$/, 'half written'],
  [/\.(?:tar\.gz|tgz)$/, 'a bundle itself'],
];

/**
 * The files of a run's folder, by name. Links are not followed: their targets do not belong to the run.
 * Errors: EnvironmentError for a file that this user may not read.
 */
export async function collect(directory: string): Promise<Collected> {
  const files: RunFile[] = [];
  const leftOut: Collected['leftOut'][number][] = [];
  for (const name of await namesBelow(directory, '')) {
    const file = path.join(directory, name);
    const found = await lstat(file).catch((error: unknown) => {
      throw unreadable(file, error);
    });
    const bytes = found.size;
    const why = whyNot(name, found.isFile());
    if (why === undefined) files.push({ name, path: file, kind: kindOf(name), bytes });
    else leftOut.push({ name, bytes, why });
  }
  return { files, leftOut };
}

function whyNot(name: string, isFile: boolean): string | undefined {
  if (isServerData(name) || holdsRows(name)) return 'rows as they are in the database';
  return isFile ? unwanted.find(([pattern]) => pattern.test(name))?.[1] : 'no plain file';
}

async function namesBelow(directory: string, prefix: string): Promise<readonly string[]> {
  const folder = path.join(directory, prefix);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  // By code unit, not by locale: the order is the same on every host.
  const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names: string[] = [];
  for (const entry of sorted) {
    const name = `${prefix}${entry.name}`;
    // Thousands of files that are never packed count as one.
    if (entry.isDirectory() && !isServerData(name))
      names.push(...(await namesBelow(directory, `${name}/`)));
    else names.push(name);
  }
  return names;
}

function kindOf(name: string): PartKind {
  if (/^journal\/[^/]+\.bin$/.test(name)) return 'journal';
  if (name === lostRangesFile) return 'ranges';
  if (name.startsWith('logs/')) return 'log';
  return /^(?:report\.(?:html|md)|junit\.xml|summary\.txt)$/.test(name) ? 'report' : 'evidence';
}
