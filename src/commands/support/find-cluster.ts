import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Cluster } from '../../contracts/cluster.ts';
import { ScenarioError } from '../../std/errors.ts';
import type { Registry } from '../../registry.ts';
import { liveClusterOf } from './live-cluster.ts';

/** A cluster that another process holds. */
export interface FoundLab {
  readonly backend: string;
  /** Whether it is up. Errors: EnvironmentError when that cannot be found out. */
  isUp(): Promise<boolean>;
  /** Connects; disposing the connection leaves the cluster up. Errors: EnvironmentError when it is gone. */
  open(): Promise<Cluster>;
}

/**
 * Finds a lab by its id, or by the file or folder with its record; undefined: the only one that is up.
 * Errors: EnvironmentError when there is no such lab; ScenarioError when its backend cannot attach to it.
 */
export async function findLab(
  lab: string | undefined,
  registry: Pick<Registry, 'backends'>,
): Promise<FoundLab> {
  const stored = lab === undefined ? undefined : await storedRecord(lab);
  const record = stored ?? (await liveClusterOf(lab, registry.backends)).record;
  const name = backendOf(record);
  const backend = registry.backends.get(name);
  const attach = backend?.attach?.bind(backend);
  if (!backend || !attach) {
    throw new ScenarioError(`${lab ?? 'the lab'}: its backend cannot attach to a running cluster`);
  }
  return {
    backend: name,
    isUp: () => backend.isUp?.(record) ?? Promise.resolve(true),
    open: () => attach(record),
  };
}

/** The record in a file, or in a folder's `lab.json`; undefined when there is none. */
export async function storedRecord(fileOrFolder: string): Promise<unknown> {
  for (const file of [fileOrFolder, path.join(fileOrFolder, 'lab.json')]) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return parse(text, file);
  }
  return undefined;
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ScenarioError(`${file}: not the record of a lab`, { cause: error });
  }
}

function backendOf(record: unknown): string {
  if (typeof record !== 'object' || record === null || !('backend' in record)) return '';
  return String(record.backend);
}
