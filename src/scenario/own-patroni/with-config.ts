import path from 'node:path';
import type { ClusterBackend } from '../../contracts/backend.ts';
import type { Json } from '../../contracts/json.ts';
import type { ClusterSpec, Scenario } from '../../contracts/scenario.ts';
import { ScenarioError } from '../../std/errors.ts';
import { masked } from './secrets.ts';
import { settleConfig } from './settle.ts';

/**
 * A scenario whose `cluster.config` has been read: the file's values are in the cluster, without secrets.
 * `folder`: of the scenario's file, where a relative path starts.
 * Errors: ScenarioError when the file cannot be read, or no lab can run it.
 */
export async function withOwnPatroni(
  scenario: Scenario,
  { folder, backend }: { readonly folder: string; readonly backend: ClusterBackend | undefined },
): Promise<Scenario> {
  const { cluster, positions } = scenario;
  const { config } = cluster;
  // What a backend without labs says to it is the planner's.
  if (!config || !backend?.ownPatroni) return scenario;
  const file = path.resolve(folder, config.file);
  const isSynchronousSaid = positions?.['cluster.synchronous'] !== undefined;
  const own = {
    patroni: cluster.patroni,
    ...(isSynchronousSaid && { synchronous: cluster.synchronous }),
  };
  return { ...scenario, cluster: await readInto(cluster, { file, own, backend }) };
}

/**
 * A stored plan's cluster with the file as it is today.
 * Errors: as withOwnPatroni.
 */
export async function refreshed(
  cluster: ClusterSpec,
  backend: ClusterBackend | undefined,
): Promise<{ readonly cluster: ClusterSpec; readonly hasChanged: boolean }> {
  const { config } = cluster;
  const { read, file = '' } = config ?? {};
  if (!read || !backend?.ownPatroni) return { cluster, hasChanged: false };
  const own = read.scenario as OwnValues;
  const now = await readInto({ ...cluster, patroni: own.patroni }, { file, own, backend });
  return { cluster: now, hasChanged: now.config?.read?.digest !== read.digest };
}

interface OwnValues {
  readonly patroni: ClusterSpec['patroni'];
  readonly synchronous?: ClusterSpec['synchronous'];
}

async function readInto(
  cluster: ClusterSpec,
  options: { readonly file: string; readonly own: OwnValues; readonly backend: ClusterBackend },
): Promise<ClusterSpec> {
  const { file, own, backend } = options;
  const settled = await settleConfig(file, cluster, {
    nodes: backend.nodeNames(cluster),
    contents: (wanted) => {
      if (backend.ownPatroni) return backend.ownPatroni(wanted);
      throw new ScenarioError('cluster.config: this backend makes no labs');
    },
    scenario: own,
  });
  const { hide, content, digest } = settled.file;
  return {
    ...settled.spec,
    patroni: masked(settled.spec.patroni, hide) as ClusterSpec['patroni'],
    config: {
      file,
      read: {
        digest,
        content: masked(content as Json, hide),
        replaced: settled.replaced,
        parameters: masked(settled.parameters, hide) as Readonly<Record<string, string>>,
        scenario: own,
      },
    },
  };
}
