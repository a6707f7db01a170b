import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Scenario } from '../contracts/scenario.ts';
import { messageOf, ScenarioError } from '../errors.ts';
import { formatSize } from '../units.ts';
import { nearest } from './nearest.ts';
import { parseScenario, type ScenarioRegistry } from './parse.ts';

/** A scenario is a page of text; whatever is this big is another file. */
const sizeLimitBytes = 1024 ** 2;
const shippedFolder = fileURLToPath(new URL('../../scenarios/', import.meta.url));

export interface ReadOptions {
  readonly registry: ScenarioRegistry;
  /** `--set` overrides. */
  readonly set?: readonly string[];
  /** Where bare names are looked up: the package's own scenarios unless said otherwise. */
  readonly folder?: string;
}

/**
 * Reads a scenario by its bare name (`partition-5s`: scenarios/partition-5s.yaml) or by its path.
 * Errors: ScenarioError when there is none, when it is no text file of at most 1 MB, and for all that is wrong in it.
 */
export async function readScenarioFile(
  nameOrPath: string,
  { registry, set = [], folder = shippedFolder }: ReadOptions,
): Promise<Scenario> {
  const isName = /^[^/\\]+$/.test(nameOrPath) && !/\.ya?ml$/i.test(nameOrPath);
  const file = isName ? path.join(folder, `${nameOrPath}.yaml`) : path.resolve(nameOrPath);
  const shown = shownPath(file);
  const found = await stat(file).catch((error: unknown) => error as NodeJS.ErrnoException);
  if (found instanceof Error) {
    if (isName && found.code === 'ENOENT') throw await unknownName(nameOrPath, folder);
    throw new ScenarioError(`${shown}: cannot be read: ${wordsFor(found)}`, { cause: found });
  }
  if (found.isDirectory()) {
    throw new ScenarioError(`${shown}: is a directory; name one scenario file in it`);
  }
  if (!found.isFile()) throw new ScenarioError(`${shown}: is not a file`);
  if (found.size > sizeLimitBytes) {
    const megabytes = (found.size / 1024 ** 2).toFixed(1);
    throw new ScenarioError(
      `${shown}: has ${megabytes}MB; a scenario has at most ${formatSize(sizeLimitBytes)}`,
    );
  }
  return parseScenario(await readText(file, shown), { file: shown, registry, set });
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

async function unknownName(name: string, folder: string): Promise<ScenarioError> {
  const files = await readdir(folder).catch(() => []);
  const names = files.filter((file) => file.endsWith('.yaml')).map((file) => path.parse(file).name);
  const near = nearest(name, names);
  const hint = near === undefined ? '.' : `; did you mean '${near}'?`;
  const list = names.length === 0 ? 'none' : names.sort().join(', ');
  return new ScenarioError(
    `there is no scenario '${name}' in ${shownPath(folder)}${hint} Known: ${list}`,
  );
}

/** Relative where that is shorter to read: below the current folder. */
function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative === '' || relative.startsWith('..') ? file : relative;
}

function wordsFor(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES') return 'permission denied';
  return messageOf(error);
}
