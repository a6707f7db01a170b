import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClusterBackend } from './contracts/cluster.ts';
import type { Check, Reporter } from './contracts/evidence.ts';
import type { Fault } from './contracts/fault.ts';
import type { Registry } from './contracts/registry.ts';
import type { Workload } from './contracts/workload.ts';
import { HarnessBug, messageOf } from './std/errors.ts';

export type { Registry } from './contracts/registry.ts';

/** Loads every extension Forkpoint ships. Errors: HarnessBug naming the file that is not one. */
export async function loadRegistry(): Promise<Registry> {
  const [faults, workloads, checks, reporters, backends] = await Promise.all([
    loadExtensions(new URL('../faults/', import.meta.url), isFault),
    loadExtensions(new URL('./workloads/', import.meta.url), isWorkload),
    loadExtensions(new URL('./checks/', import.meta.url), isCheck),
    loadExtensions(new URL('./reporters/', import.meta.url), isReporter),
    loadExtensions(new URL('./backends/', import.meta.url), isBackend),
  ]);
  return { faults, workloads, checks, reporters, backends };
}

/**
 * Imports every .ts and .js file directly in a folder; a file's name without its ending is the extension's.
 * Folders in it hold private helpers. Errors: HarnessBug with the file.
 */
export async function loadExtensions<T>(
  folder: URL,
  check: (candidate: unknown) => candidate is T,
): Promise<ReadonlyMap<string, T>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /(?<!\.d|\.test)\.[jt]s$/.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  const loaded = await Promise.all(files.map((file) => loadOne(new URL(file, folder), check)));
  return new Map(files.map((file, index) => [path.parse(file).name, loaded[index] as T]));
}

async function loadOne<T>(file: URL, check: (candidate: unknown) => candidate is T): Promise<T> {
  const shown = path.relative(process.cwd(), fileURLToPath(file));
  let module: { readonly default?: unknown };
  try {
    module = (await import(file.href)) as typeof module;
  } catch (cause) {
    throw new HarnessBug(`${shown}: cannot be loaded: ${messageOf(cause)}`, { cause });
  }
  if (check(module.default)) return module.default;
  const said = module.default === undefined ? 'it has none' : `${check.name} says no`;
  throw new HarnessBug(`${shown}: its default export is not an extension of this kind: ${said}`);
}

export function isFault(candidate: unknown): candidate is Fault {
  return (
    hasShape(candidate, { summary: 'string', needs: 'function', inject: 'function' }) &&
    ['nodes', 'none', 'any'].includes(String(candidate.targets)) &&
    isSchema(candidate.params)
  );
}

export function isWorkload(candidate: unknown): candidate is Workload {
  return (
    hasShape(candidate, { summary: 'string', setup: 'function', writer: 'function' }) &&
    hasShape(candidate, { table: 'function' }) &&
    isSchema(candidate.params)
  );
}

export function isCheck(candidate: unknown): candidate is Check {
  return (
    hasShape(candidate, { summary: 'string', check: 'function' }) && isSchema(candidate.params)
  );
}

export function isReporter(candidate: unknown): candidate is Reporter {
  return hasShape(candidate, { fileName: 'string', render: 'function' });
}

export function isBackend(candidate: unknown): candidate is ClusterBackend {
  return (
    hasShape(candidate, { summary: 'string', preflight: 'function', boot: 'function' }) &&
    ['offers', 'topologies', 'sites'].every((key) => Array.isArray(candidate[key]))
  );
}

function isSchema(candidate: unknown): boolean {
  return hasShape(candidate, { safeParse: 'function' });
}

function hasShape(
  candidate: unknown,
  types: Readonly<Record<string, 'string' | 'function'>>,
): candidate is { [key: string]: unknown; params?: unknown; targets?: unknown } {
  if (typeof candidate !== 'object' || candidate === null) return false;
  const fields = candidate as Record<string, unknown>;
  return Object.entries(types).every(([key, type]) => typeof fields[key] === type);
}
