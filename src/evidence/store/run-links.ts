import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { RunLinks } from '../../contracts/evidence.ts';
import { isServerData } from '../../std/units/evidence-paths.ts';
import { reportsFolder } from './run-folders.ts';

/** How the cluster was reached: of no use to a reader. */
const unlinked = new Set(['lab.json']);

/** What a report in this folder can link to: what lies there, what is just being `written`, and the page over all runs. */
export async function runLinks(directory: string, written: readonly string[]): Promise<RunLinks> {
  const present = (await filesBelow(directory, '')).filter(
    (name) => !unlinked.has(name) && !name.endsWith('.tmp'),
  );
  const files = [...new Set([...present, ...written])].sort();
  const index = path.join(reportsFolder(), 'index.html');
  const isIndexed =
    path.resolve(directory, '..', '..') === reportsFolder() &&
    (await stat(index).catch(() => undefined))?.isFile() === true;
  return { files, ...(isIndexed && { index: '../../index.html' }) };
}

/** Links are passed over, and so is what cannot be read: it cannot be shown either. */
async function filesBelow(directory: string, prefix: string): Promise<readonly string[]> {
  const folder = path.join(directory, prefix);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry) => {
      const name = `${prefix}${entry.name}`;
      if (isServerData(name)) return [];
      if (entry.isDirectory()) return filesBelow(directory, `${name}/`);
      return entry.isFile() ? [name] : [];
    }),
  );
  return found.flat();
}
