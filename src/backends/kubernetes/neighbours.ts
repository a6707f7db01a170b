import type { V1Pod } from '@kubernetes/client-node';
import type { NeighbourControl } from '../../contracts/objects.ts';
import { waitUntil } from '../../std/wait.ts';
import { type Api, ask } from './api.ts';
import { evictPod } from './evict.ts';
import { helperLabel } from './labels.ts';
import type { KubernetesParams } from './params.ts';
import { uidNow } from './pod-control.ts';
import type { PodWatch } from './pods.ts';

const goneTimeoutMs = 120_000;

/** Pods on the Kubernetes node of a pod that are not of its cluster, in every namespace. */
export function neighbourControl(
  api: Api,
  name: string,
  { watch, params }: { readonly watch: PodWatch; readonly params: KubernetesParams },
): NeighbourControl {
  return {
    evict: async (withinMs, signal) => {
      const { host } = watch.state(name);
      const fieldSelector = `spec.nodeName=${host}`;
      const { items } = await ask({ isClusterWide: true }, 'list', 'pods', () =>
        api.core.listPodForAllNamespaces({ fieldSelector }),
      );
      const evicted = items.filter((pod) => isEvicted(pod, params));
      await Promise.all(
        evicted.map(async ({ metadata }) => {
          const at = { ...api, namespace: metadata?.namespace ?? '' };
          const { name: pod = '', uid } = metadata ?? {};
          await evictPod(at, pod, { withinMs, signal });
          const isGone = async () => (await uidNow(at, pod)) !== uid;
          const timeoutMs = goneTimeoutMs;
          await waitUntil(`pod ${pod} is gone`, isGone, { timeoutMs, everyMs: 500, signal });
        }),
      );
      return evicted.map(({ metadata }) => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`);
    },
  };
}

/** As kubectl drain with --ignore-daemonsets; the cluster's own pods are evicted by themselves. */
export function isEvicted(
  { metadata, status }: V1Pod,
  { nodes, namespace }: Pick<KubernetesParams, 'nodes' | 'namespace'>,
): boolean {
  const { name = '', namespace: where, labels = {}, annotations = {} } = metadata ?? {};
  const owners = metadata?.ownerReferences ?? [];
  if (where === namespace && nodes.includes(name)) return false;
  if (labels[helperLabel] !== undefined) return false;
  if (annotations['kubernetes.io/config.mirror'] !== undefined) return false;
  if (owners.some(({ kind }) => kind === 'DaemonSet')) return false;
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}
