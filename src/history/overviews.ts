import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Overview } from '../contracts/history.ts';

/** Older ones are in their folders. */
const shownAtMost = 200;
const stamp = /^\d{8}T\d{6}Z(-\d+)?$/;
const kinds = [
  { kind: 'suite', folder: 'suites', counted: 'entries' },
  { kind: 'matrix', folder: 'matrix', counted: 'cells' },
] as const;

/** The pages of suites and matrices that a reports folder holds, newest first. What cannot be read is left out. */
export async function readOverviews(reports: string): Promise<readonly Overview[]> {
  const found = await Promise.all(
    kinds.map(async (of) => {
      const folders = await stampedBelow(path.join(reports, of.folder));
      const newest = folders.toSorted(newestFirst).slice(0, shownAtMost);
      return Promise.all(newest.map((inside) => overviewOf(reports, of, inside)));
    }),
  );
  return found
    .flat()
    .filter((overview) => overview !== undefined)
    .toSorted((a, b) => newestFirst(a.page, b.page));
}

function newestFirst(a: string, b: string): number {
  const [left = '', right = ''] = [a, b].map((of) =>
    of.split('/').find((part) => stamp.test(part)),
  );
  return right.localeCompare(left);
}

/** `<name>/<UTC time>`. */
async function stampedBelow(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const all = await Promise.all(
    names.map(async (name) => {
      const inside = await readdir(path.join(folder, name)).catch(() => []);
      return inside.filter((each) => stamp.test(each)).map((each) => `${name}/${each}`);
    }),
  );
  return all.flat();
}

async function overviewOf(
  reports: string,
  { kind, folder, counted }: (typeof kinds)[number],
  inside: string,
): Promise<Overview | undefined> {
  const directory = `${folder}/${inside}`;
  const page = `${directory}/${kind}.html`;
  try {
    if (!(await stat(path.join(reports, page))).isFile()) return undefined;
    const file = path.join(reports, directory, `${kind}.json`);
    const stored = JSON.parse(await readFile(file, 'utf8')) as Readonly<Record<string, unknown>>;
    const { startedAt } = stored;
    if (typeof startedAt !== 'string') return undefined;
    const statuses = (stored[counted] as readonly { readonly status: unknown }[]).map(
      ({ status }) => String(status),
    );
    return { kind, name: inside.split('/')[0] ?? '', directory, page, startedAt, statuses };
  } catch {
    // It was killed before it had a page, or its file is cut: its runs are in the list all the same.
    return undefined;
  }
}
