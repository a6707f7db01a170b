import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, ScenarioError } from '../../std/errors.ts';
import { plain } from '../../std/plain.ts';
import { formatSize } from '../../std/units/units.ts';
import { nearest } from '../../std/suggest.ts';

/** A scenario is a page of text; a larger file is another kind of file. */
const sizeLimitBytes = 1024 ** 2;

export interface FileKind {
  /** The word for such a file in messages. */
  readonly kind: 'scenario' | 'suite';
  /** Where bare names are looked up. */
  readonly folder: string;
}

/** Anything else is a path. */
export function isBareName(nameOrPath: string): boolean {
  return /^[^/\\]+$/.test(nameOrPath) && !/\.ya?ml$/i.test(nameOrPath);
}

/** The names of the files in a folder; none when there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch(() => []);
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => path.parse(file).name)
    .sort();
}

/**
 * The text of a file by its bare name or its path, with its path and its name in messages.
 * Errors: ScenarioError when it does not exist, or when it is no text file of at most 1 MB.
 */
export async function readNamedFile(
  nameOrPath: string,
  { kind, folder }: FileKind,
): Promise<{ readonly text: string; readonly file: string; readonly shown: string }> {
  const isName = isBareName(nameOrPath);
  const file = isName ? path.join(folder, `${nameOrPath}.yaml`) : path.resolve(nameOrPath);
  const shown = shownPath(file);
  const found = await stat(file).catch((error: unknown) => error as NodeJS.ErrnoException);
  if (found instanceof Error) {
    if (isName && found.code === 'ENOENT') throw await unknownName(nameOrPath, { kind, folder });
    throw new ScenarioError(`${shown}: cannot be read: ${wordsFor(found)}`, { cause: found });
  }
  if (found.isDirectory()) {
    throw new ScenarioError(`${shown}: is a directory; name one ${kind} file in it`);
  }
  if (!found.isFile()) throw new ScenarioError(`${shown}: is not a file`);
  if (found.size > sizeLimitBytes) {
    const megabytes = (found.size / 1024 ** 2).toFixed(1);
    throw new ScenarioError(
      `${shown}: has ${megabytes}MB; a ${kind} has at most ${formatSize(sizeLimitBytes)}`,
    );
  }
  return { text: await readText(file, shown), file, shown };
}

async function readText(file: string, shown: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new ScenarioError(`${shown}: cannot be read: ${wordsFor(cause)}`, { cause });
  }
  const nul = bytes.indexOf(0);
  if (nul !== -1) throw new ScenarioError(`${shown}: is not text: byte ${nul} is zero`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ScenarioError(`${shown}: is not text in UTF-8`, { cause });
  }
}

async function unknownName(name: string, { kind, folder }: FileKind): Promise<ScenarioError> {
  const names = await namesIn(folder);
  const near = nearest(name, names);
  const list = names.length === 0 ? 'none' : names.join(', ');
  const hint =
    near === undefined
      ? `. Known: ${list}`
      : `; did you mean '${near}'? All there are: ${shownPath(folder)}/*.yaml`;
  return new ScenarioError(`there is no ${kind} '${plain(name)}' in ${shownPath(folder)}${hint}`);
}

/** Relative to the current folder where that is shorter. */
function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return plain(relative === '' || relative.startsWith('..') ? file : relative);
}

/** Why a file cannot be read, in words. */
export function wordsFor(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EISDIR') return 'is a directory';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES') return 'permission denied';
  return messageOf(error);
}
