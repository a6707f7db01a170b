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

/** The file of an extension; its name without its ending is the extension's. */
export interface ExtensionFile {
  readonly name: string;
  readonly url: URL;
}

/**
 * Every .ts and .js file directly in a folder. Folders in it hold private helpers.
 * Errors: `Failure` with the file whose name is none, or that shares its name with another.
 */
export async function filesOf(
  folder: URL,
  kind: ExtensionKind<unknown>,
  Failure: FailureClass,
): Promise<readonly ExtensionFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /(?<!\.d|\.test)\.[jt]s$/.test(entry.name))
    .map((entry) => new URL(encodeURIComponent(entry.name), folder))
    .map((url) => ({ name: nameOf(url, kind, Failure), url }))
    .sort((one, other) => (one.url.href < other.url.href ? -1 : 1));
  const twice = files.find(({ name }, index) => files[index + 1]?.name === name)?.name;
  if (twice === undefined) return files;
  throw new Failure(
    `${shownPath(folder)}: holds ${twice}.js and ${twice}.ts, and ${kind.noun} has one file`,
  );
}

/**
 * Imports the extensions of a folder.
 * Errors: `Failure` with the file and what it lacks.
 */
export async function loadFolder<T>(
  folder: URL,
  kind: ExtensionKind<T>,
  Failure: FailureClass,
): Promise<ReadonlyMap<string, LoadedExtension<T>>> {
  const files = await filesOf(folder, kind, Failure);
  const loaded = files.map(
    async ({ name, url }) =>
      [name, { extension: await loadFile(url, kind, Failure), url }] as const,
  );
  return new Map(await Promise.all(loaded));
}

/** Errors: `Failure` with the file and what it lacks. */
export async function loadFile<T>(
  file: URL,
  kind: ExtensionKind<T>,
  Failure: FailureClass,
): Promise<T> {
  let module: ExtensionModule;
  try {
    module = (await import(file.href)) as ExtensionModule;
  } catch (cause) {
    throw new Failure(`${shownPath(file)}: cannot be loaded: ${messageOf(cause)}`, { cause });
  }
  return extensionIn(module, { file, kind, Failure });
}

export interface ExtensionModule {
  readonly default?: unknown;
}

/** Errors: `Failure` with the file and what it lacks. */
export function extensionIn<T>(
  module: ExtensionModule,
  of: { readonly file: URL; readonly kind: ExtensionKind<T>; readonly Failure: FailureClass },
): T {
  const missing = of.kind.missing(module.default);
  if (missing.length === 0) return module.default as T;
  throw new of.Failure(
    `${shownPath(of.file)}: is not ${of.kind.noun}: missing ${missing.join(', ')}`,
  );
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
