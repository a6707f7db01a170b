import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterBackend } from '../contracts/backend.ts';
import type { BackendKeys, ClusterSpec, Scenario } from '../contracts/scenario.ts';
import { ScenarioError, messageOf } from '../std/errors.ts';
import { parseClusterFile } from './parse/parse-cluster-file.ts';

/** What a cluster file says, as a plan needs it. */
export interface ClusterFile extends Pick<ClusterSpec, 'nodes' | 'topology'> {
  readonly own: BackendKeys;
}

/** Errors: ScenarioError when it cannot be read, and for all its problems. */
export async function readClusterFile(
  file: string,
  { backends }: { readonly backends: ReadonlyMap<string, ClusterBackend> },
): Promise<ClusterFile> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ScenarioError(`--cluster: ${messageOf(error)}`, { cause: error });
  });
  const { own, existing } = parseClusterFile(text, { file, backends });
  const { params, ...shape } = existing.describe(own.params, path.dirname(path.resolve(file)));
  return { ...shape, own: { ...own, params } };
}

/**
 * A scenario on a cluster that exists: that has its own settings, so the scenario's `cluster:` counts only for how long it
 * may take to converge, and for a comparison. Nothing outside the run's own schema is made there, so no extension for amcheck either.
 */
export function onCluster(scenario: Scenario, file: ClusterFile): Scenario {
  const { convergeMs, patroni, parameters, synchronous } = scenario.cluster;
  const cluster: ClusterSpec = {
    ...file,
    convergeMs,
    patroni: {},
    parameters: {},
    // Compared with what the cluster does once it is connected to.
    synchronous,
    writtenFor: { patroni, parameters, synchronous },
  };
  return { ...scenario, cluster, verify: { ...scenario.verify, amcheck: false } };
}
