import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Registry } from '../contracts/registry.ts';
import { messageOf, ScenarioError } from '../std/errors.ts';
import { type KindName, kindNames, kinds } from './kinds.ts';
import { loadFolder, type LoadedExtension, shownPath } from './load-folder.ts';
import { provideOwnPackage } from './own-package.ts';

/** What a folder of the user's own holds, by kind. */
export type Extensions = { readonly [Kind in KindName]: Loaded<Kind> };
export type Loaded<Kind extends KindName> = ReadonlyMap<
  string,
  LoadedExtension<NonNullable<(typeof kinds)[Kind]['extension']>>
>;

/**
 * Loads the extensions in `faults/`, `workloads/`, `checks/`, `reporters/`, `shells/` and `backends/` of a folder.
 * Errors: ScenarioError with the path: no such folder, none of these in it, a file that is no extension and what it lacks,
 * or a name that is shipped.
 */
export async function loadUserFolder(
  directory: string,
  shipped: Pick<Registry, KindName>,
): Promise<Extensions> {
  const present = await kindsIn(directory);
  provideOwnPackage();
  const base = pathToFileURL(`${path.resolve(directory)}/`);
  const load = async <Kind extends KindName>(kind: Kind): Promise<Loaded<Kind>> => {
    if (!present.has(kind)) return new Map();
    const folder = new URL(`${kind}/`, base);
    const loaded: ReadonlyMap<string, LoadedExtension<unknown>> = await loadFolder<unknown>(
      folder,
      kinds[kind],
      ScenarioError,
    );
    for (const [name, { url }] of loaded) {
      if (!shipped[kind].has(name)) continue;
      throw new ScenarioError(
        `${shownPath(url)}: ${kinds[kind].noun} called '${name}' is shipped with Forkpoint; give this file another name`,
      );
    }
    return loaded as Loaded<Kind>;
  };
  const reporters = await load('reporters');
  refuseSharedFiles(reporters, shipped.reporters);
  return {
    faults: await load('faults'),
    workloads: await load('workloads'),
    checks: await load('checks'),
    reporters,
    shells: await load('shells'),
    backends: await load('backends'),
  };
}

/** Two that write one file would leave the last one's. */
function refuseSharedFiles(own: Loaded<'reporters'>, shipped: Registry['reporters']): void {
  const taken = new Map([...shipped].map(([name, { fileName }]) => [fileName, name]));
  for (const [name, { extension, url }] of own) {
    const other = taken.get(extension.fileName);
    if (other !== undefined) {
      throw new ScenarioError(
        `${shownPath(url)}: its \`fileName\` is ${extension.fileName}, which the reporter '${other}' writes; choose another`,
      );
    }
    taken.set(extension.fileName, name);
  }
}

async function kindsIn(directory: string): Promise<ReadonlySet<string>> {
  let entries;
  try {
    entries = await readdir(directory, { withFileTypes: true });
  } catch (cause) {
    throw new ScenarioError(`--extensions ${directory}: cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
  const folders = entries.filter((entry) => !entry.isFile()).map(({ name }) => name);
  const known = folders.filter((name) => kindNames.some((kind) => kind === name));
  if (known.length > 0) return new Set(known);
  const expected = kindNames.map((kind) => `${kind}/`).join(', ');
  throw new ScenarioError(`--extensions ${directory}: has none of the folders ${expected}`);
}
