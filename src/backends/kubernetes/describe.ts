import path from 'node:path';
import type { Json } from '../../contracts/json.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { type KubernetesParams, kubernetesParams } from './params.ts';

/** Of a cluster in a plan; undefined: it has no cluster file. */
export function paramsOf({ own }: Pick<ClusterSpec, 'own'>): KubernetesParams | undefined {
  const given = own?.backend === 'kubernetes' ? own.params : undefined;
  return kubernetesParams.safeParse(given).data;
}

/** The kubeconfig's path becomes absolute. */
export function describeCluster(
  raw: Json,
  folder: string,
): { readonly params: Json } & Pick<ClusterSpec, 'nodes' | 'topology'> {
  const params = kubernetesParams.parse(raw);
  const { kubeconfig, nodes, patroni } = params;
  return {
    params: {
      ...params,
      ...(kubeconfig !== undefined && { kubeconfig: path.resolve(folder, kubeconfig) }),
    } as Json,
    nodes: nodes.length,
    topology: nodes.length === 1 && patroni === false ? 'single' : 'patroni',
  };
}
