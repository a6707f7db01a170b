import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterBackend } from '../../contracts/backend.ts';
import type { CapabilityName, Cluster } from '../../contracts/cluster.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { newRunId, reportsFolder } from '../../evidence/store/run-folders.ts';

interface LabOptions {
  /** As in BootOptions. */
  readonly needs?: readonly CapabilityName[];
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** A cluster that belongs to no run. Its folder is deleted with it; after a failed boot it stays, with the logs. */
export async function bootOwnLab(
  backend: ClusterBackend,
  spec: ClusterSpec,
  { needs = [], signal, log }: LabOptions,
): Promise<Cluster> {
  const id = newRunId(new Date());
  const directory = path.join(reportsFolder(), '.labs', id);
  await mkdir(directory, { recursive: true });
  const cluster = await backend.boot({ id, spec, needs, directory, signal, log });
  const end = async (): Promise<void> => {
    await cluster[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  };
  return { ...cluster, [Symbol.asyncDispose]: end };
}
