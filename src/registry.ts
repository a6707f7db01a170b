import type { Registry } from './contracts/registry.ts';
import { kinds } from './registry/kinds.ts';
import { LazyFolder } from './registry/lazy-folder.ts';
import { type FailureClass, loadFolder, type LoadedExtension } from './registry/load-folder.ts';
import { loadUserFolder, type Extensions } from './registry/user-folder.ts';
import { HarnessBug } from './std/errors.ts';

export type { Registry } from './contracts/registry.ts';

/** Names the folder of the user's own extensions; the command line's --extensions sets it, and a run's children inherit it. */
export const extensionsVariable = 'FORKPOINT_EXTENSIONS';

const shippedAt = (folder: string) => new URL(folder, import.meta.url);
const folders = {
  faults: shippedAt('../faults/'),
  workloads: shippedAt('./workloads/'),
  checks: shippedAt('./checks/'),
  reporters: shippedAt('./reporters/'),
  shells: shippedAt('./shells/'),
  backends: shippedAt('./backends/'),
} as const;

/**
 * Loads every extension: those that are shipped, and those in the user's own folder.
 * Errors: ScenarioError naming a user's file that is not an extension; HarnessBug for a shipped one.
 */
export async function loadRegistry(directory = ownFolder()): Promise<Registry> {
  if (directory === undefined || directory === '') return registryOf(await loadShipped());
  return (await loadExtensionsOf(directory)).registry;
}

/** The same for what only plans: of what is shipped it loads what is asked for, and no reporter. */
export async function loadRegistryForPlans(): Promise<Registry> {
  const directory = ownFolder();
  if (directory !== undefined && directory !== '') return loadRegistry(directory);
  const [faults, workloads, checks, shells, backends] = await Promise.all([
    LazyFolder.at(folders.faults, kinds.faults),
    LazyFolder.at(folders.workloads, kinds.workloads),
    LazyFolder.at(folders.checks, kinds.checks),
    LazyFolder.at(folders.shells, kinds.shells),
    LazyFolder.at(folders.backends, kinds.backends),
  ]);
  return {
    faults,
    workloads,
    checks,
    shells,
    backends,
    reporters: new Map(),
    workloadUrls: workloads.urls(),
  };
}

function ownFolder(): string | undefined {
  return process.env[extensionsVariable];
}

/** The same, with the user's own extensions listed separately. */
export async function loadExtensionsOf(
  directory: string,
): Promise<{ readonly registry: Registry; readonly own: Extensions }> {
  const shipped = await loadShipped();
  const own = await loadUserFolder(directory, registryOf(shipped));
  return { registry: registryOf(merged(shipped, own)), own };
}

async function loadShipped(): Promise<Extensions> {
  const Failure: FailureClass = HarnessBug;
  const [faults, workloads, checks, reporters, shells, backends] = await Promise.all([
    loadFolder(folders.faults, kinds.faults, Failure),
    loadFolder(folders.workloads, kinds.workloads, Failure),
    loadFolder(folders.checks, kinds.checks, Failure),
    loadFolder(folders.reporters, kinds.reporters, Failure),
    loadFolder(folders.shells, kinds.shells, Failure),
    loadFolder(folders.backends, kinds.backends, Failure),
  ]);
  return { faults, workloads, checks, reporters, shells, backends };
}

function merged(shipped: Extensions, own: Extensions): Extensions {
  return {
    faults: new Map([...shipped.faults, ...own.faults]),
    workloads: new Map([...shipped.workloads, ...own.workloads]),
    checks: new Map([...shipped.checks, ...own.checks]),
    reporters: new Map([...shipped.reporters, ...own.reporters]),
    shells: new Map([...shipped.shells, ...own.shells]),
    backends: new Map([...shipped.backends, ...own.backends]),
  };
}

function registryOf(all: Extensions): Registry {
  return {
    faults: extensionsOf(all.faults),
    workloads: extensionsOf(all.workloads),
    checks: extensionsOf(all.checks),
    reporters: extensionsOf(all.reporters),
    shells: extensionsOf(all.shells),
    backends: extensionsOf(all.backends),
    workloadUrls: new Map([...all.workloads].map(([name, { url }]) => [name, url.href])),
  };
}

function extensionsOf<T>(loaded: ReadonlyMap<string, LoadedExtension<T>>): ReadonlyMap<string, T> {
  return new Map([...loaded].map(([name, { extension }]) => [name, extension]));
}
