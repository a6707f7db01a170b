import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Answer } from './read-only-server.ts';

/** What a browser is told of each kind of file; others are not served. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
  '.jsonl': 'text/plain; charset=utf-8',
  '.yaml': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.log': 'text/plain; charset=utf-8',
  '.csv': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
};
/** How a lab is entered: of no use to a reader. */
const hidden = new Set(['lab.json']);
const mostBytes = 256 * 1024 * 1024;

/**
 * The files below a folder of reports, as a browser asks for them; undefined for what is not there, is of another kind, or
 * lies elsewhere, however the path or a link leads to it.
 */
export async function reportsPage(folder: string, asked: string): Promise<Answer | undefined> {
  const wanted = path.join(folder, asked.endsWith('/') ? `${asked}index.html` : asked);
  const type = types[path.extname(wanted)];
  const names = path.relative(folder, wanted).split(path.sep);
  if (type === undefined || asked.includes('\0')) return undefined;
  if (names.some((name) => name.startsWith('.') || hidden.has(name))) return undefined;
  try {
    const file = await realpath(wanted);
    const home = await realpath(folder);
    const found = await stat(file);
    if (!file.startsWith(`${home}${path.sep}`) || !found.isFile() || found.size > mostBytes) {
      return undefined;
    }
    return { type, body: await readFile(file) };
  } catch {
    return undefined;
  }
}
