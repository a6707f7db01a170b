import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../std/errors.ts';
import type { ExtensionKind } from './kinds.ts';

export interface LoadedExtension<T> {
  readonly extension: T;
  readonly url: URL;
}

/** Who must act when a file is no extension: the user, or we. */
export type FailureClass = new (message: string, options?: ErrorOptions) => Error;

/**
 * Imports every .ts and .js file directly in a folder; a file's name without its ending is the extension's. Folders in it
 * hold private helpers.
 * Errors: `Failure` with the file and what it lacks.
 */
export async function loadFolder<T>(
  folder: URL,
  kind: ExtensionKind<T>,
  Failure: FailureClass,
): Promise<ReadonlyMap<string, LoadedExtension<T>>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /(?<!\.d|\.test)\.[jt]s$/.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  const loaded = await Promise.all(
    files.map(async (file) => {
      const url = new URL(encodeURIComponent(file), folder);
      const name = nameOf(url, kind, Failure);
      return [name, { extension: await loadFile(url, kind, Failure), url }] as const;
    }),
  );
  const byName = new Map(loaded);
  if (byName.size === loaded.length) return byName;
  const twice = loaded.find(([name], index) => index !== loaded.findLastIndex(([n]) => n === name));
  throw new Failure(
    `${shownPath(folder)}: holds ${twice?.[0] ?? ''}.js and ${twice?.[0] ?? ''}.ts, and ${kind.noun} has one file`,
  );
}

/** Errors: `Failure` with the file and what it lacks. */
export async function loadFile<T>(
  file: URL,
  kind: ExtensionKind<T>,
  Failure: FailureClass,
): Promise<T> {
  const shown = shownPath(file);
  let module: { readonly default?: unknown };
  try {
    module = (await import(file.href)) as typeof module;
  } catch (cause) {
    throw new Failure(`${shown}: cannot be loaded: ${messageOf(cause)}`, { cause });
  }
  const missing = kind.missing(module.default);
  if (missing.length === 0) return module.default as T;
  throw new Failure(`${shown}: is not ${kind.noun}: missing ${missing.join(', ')}`);
}

/** A name is used in YAML, in file names and in reports. */
function nameOf(file: URL, kind: ExtensionKind<unknown>, Failure: FailureClass): string {
  const { name } = path.parse(fileURLToPath(file));
  if (/^[a-zA-Z][a-zA-Z0-9-]{0,59}$/.test(name)) return name;
  throw new Failure(
    `${shownPath(file)}: its file name is the name of ${kind.noun}, so it must be a letter, then letters, digits and hyphens`,
  );
}

export function shownPath(file: URL): string {
  // Contents that came from another machine have no path here.
  if (file.protocol !== 'file:') return 'a module that was sent here';
  const relative = path.relative(process.cwd(), fileURLToPath(file));
  return relative.startsWith('..') ? fileURLToPath(file) : relative;
}
