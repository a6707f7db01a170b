import { hostname } from 'node:os';
import type { V1Pod } from '@kubernetes/client-node';
import type { NeighbourControl } from '../../contracts/objects.ts';
import { NotCarriedOut } from '../../std/errors.ts';
import { listed } from '../../std/units/shown.ts';
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
  const found = async () => {
    const { host } = watch.state(name);
    const fieldSelector = `spec.nodeName=${host}`;
    const { items } = await ask({ isClusterWide: true }, 'list', 'pods', () =>
      api.core.listPodForAllNamespaces({ fieldSelector }),
    );
    return items.filter((pod) => isEvicted(pod, params));
  };
  return {
    requireEvictable: async () => {
      const pods = await found();
      const own = pods.find(isOurOwn);
      if (own) {
        throw new NotCarriedOut(
          `node ${watch.state(name).host}: was not drained: Forkpoint itself runs there, in ${fullNameOf(own)}; let it run on another node`,
        );
      }
      const bare = pods.filter(({ metadata }) => !metadata?.ownerReferences?.length);
      if (bare.length === 0) return;
      throw new NotCarriedOut(
        `node ${watch.state(name).host}: was not drained: no controller would bring back ${listed(bare.map(fullNameOf))}; delete them yourself, or drain without pods: all`,
      );
    },
    evict: async (withinMs, signal) => {
      const evicted = await found();
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
      return evicted.map(fullNameOf);
    },
  };
}

/** A pod's host name is its name. */
function isOurOwn({ metadata }: V1Pod): boolean {
  return process.env.KUBERNETES_SERVICE_HOST !== undefined && metadata?.name === hostname();
}

function fullNameOf({ metadata }: V1Pod): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}

/** As kubectl drain with --ignore-daemonsets and --delete-emptydir-data; the cluster's own pods are evicted by themselves. */
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
