import type { V1Pod } from '@kubernetes/client-node';
import type { VolumeControl } from '../../contracts/objects.ts';
import { ClusterError } from '../../std/errors.ts';
import { waitUntil } from '../../std/wait.ts';
import { type Api, ask, codeOf } from './api.ts';
import { podControl } from './pod-control.ts';
import type { PodWatch } from './pods.ts';

const goneTimeoutMs = 120_000;

/** The claims of a pod's volumes. A StatefulSet makes claims and pod anew under their names. */
export function volumeControl(api: Api, name: string, watch: PodWatch): VolumeControl {
  const { core, namespace } = api;
  return {
    remove: async (graceMs, volume) => {
      const pod = await ask(api, 'get', 'pods', () => core.readNamespacedPod({ namespace, name }));
      const claims = claimsOf(pod, volume);
      const before = await Promise.all(claims.map(async (claim) => uidOf(api, claim)));
      // First: a pod that its owner makes anew must not find the old claim free.
      for (const claim of claims) {
        await ask(api, 'delete', 'persistentvolumeclaims', () =>
          core.deleteNamespacedPersistentVolumeClaim({ namespace, name: claim }),
        );
      }
      await podControl(api, name, watch).remove(graceMs);
      const areGone = async () => {
        const now = await Promise.all(claims.map(async (claim) => uidOf(api, claim)));
        return now.every((uid, at) => uid === undefined || uid !== before[at]);
      };
      const what = `PersistentVolumeClaim ${claims.join(', ')} is gone`;
      await waitUntil(what, areGone, { timeoutMs: goneTimeoutMs, everyMs: 250 });
      return claims;
    },
  };
}

/** Errors: ClusterError where there is no such claim. */
export function claimsOf(pod: V1Pod, volume?: string): readonly string[] {
  const name = pod.metadata?.name ?? '';
  const claimed = (pod.spec?.volumes ?? []).filter((one) => one.persistentVolumeClaim);
  const chosen = claimed.filter((one) => volume === undefined || one.name === volume);
  const claims = chosen.flatMap((one) => one.persistentVolumeClaim?.claimName ?? []);
  if (claims.length > 0) return [...new Set(claims)];
  const known = claimed.map((one) => one.name).join(', ') || 'none';
  const what = volume === undefined ? 'no volume' : `no volume called ${volume}`;
  throw new ClusterError(
    `${name}: ${what} is a PersistentVolumeClaim; those that are: ${known}. Data on an emptyDir goes with its pod: delete-pod`,
  );
}

/** Undefined: there is none. */
async function uidOf({ core, namespace }: Api, name: string): Promise<string | undefined> {
  return ask({ namespace }, 'get', 'persistentvolumeclaims', async () => {
    try {
      const claim = await core.readNamespacedPersistentVolumeClaim({ namespace, name });
      return claim.metadata?.uid;
    } catch (error) {
      if (codeOf(error) === 404) return undefined;
      throw error;
    }
  });
}
