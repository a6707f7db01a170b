import type { PodControl } from '../../contracts/cluster.ts';
import { waitUntil } from '../../std/wait.ts';
import { type Api, ask, codeOf } from './api.ts';
import { evictPod } from './evict.ts';
import type { PodWatch } from './pods.ts';

const goneTimeoutMs = 120_000;

/** Deletes the pod that has this name now. Its owner makes the next one. */
export function podControl(api: Api, name: string, watch: PodWatch): PodControl {
  const { core, namespace } = api;
  const untilGone = async (uid: string) => {
    await waitUntil(`pod ${name} is gone`, async () => (await uidNow(api, name)) !== uid, {
      timeoutMs: goneTimeoutMs,
      everyMs: 200,
    });
    await watch.refresh();
  };
  return {
    remove: async (graceMs) => {
      const { uid } = watch.state(name);
      const grace = graceMs === undefined ? {} : { gracePeriodSeconds: Math.ceil(graceMs / 1000) };
      await ask(api, 'delete', 'pods', () =>
        // With a body the server reads no other place for them.
        core.deleteNamespacedPod({ namespace, name, body: { ...grace, preconditions: { uid } } }),
      );
      await untilGone(uid);
    },
    evict: async (withinMs) => {
      const { uid } = watch.state(name);
      await evictPod(api, name, withinMs === undefined ? {} : { withinMs });
      await untilGone(uid);
    },
  };
}

/** Of the pod that has this name now; undefined: there is none. Errors: EnvironmentError. */
export async function uidNow(api: Api, name: string): Promise<string | undefined> {
  const { core, namespace } = api;
  return ask(api, 'get', 'pods', async () => {
    try {
      return (await core.readNamespacedPod({ namespace, name })).metadata?.uid;
    } catch (error) {
      if (codeOf(error) === 404) return undefined;
      throw error;
    }
  });
}
