import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { labRecordOf } from '../backends/local/record.ts';
import type { Cluster } from '../contracts/cluster.ts';
import { ScenarioError } from '../errors.ts';
import type { Registry } from '../registry.ts';

/**
 * Finds the cluster that another process holds: by a lab's id, or by the file or folder with its record. Returns how
 * to connect to it; disposing the connection leaves the cluster up.
 * Errors: EnvironmentError when it is gone; ScenarioError when its backend cannot be connected to.
 */
export async function labOpener(lab: string, registry: Registry): Promise<() => Promise<Cluster>> {
  const record = await recordOf(lab);
  const name = backendOf(record);
  const backend = registry.backends.get(name);
  const attach = backend?.attach?.bind(backend);
  if (!attach)
    throw new ScenarioError(`${lab}: not a cluster of a backend that can be attached to`);
  return () => attach(record);
}

async function recordOf(lab: string): Promise<unknown> {
  for (const file of [lab, path.join(lab, 'lab.json')]) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return parse(text, file);
  }
  return labRecordOf(lab);
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
