import type { PodControl } from '../../contracts/cluster.ts';
import { messageOf } from '../../std/errors.ts';
import { waitUntil } from '../../std/wait.ts';
import { type Api, ask, codeOf } from './api.ts';
import type { PodWatch } from './pods.ts';

const goneTimeoutMs = 120_000;
/** A server before 1.22 knows the first alone, one since 1.25 the second. */
const evictionVersions = ['policy/v1', 'policy/v1beta1'] as const;

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
        core.deleteNamespacedPod({ namespace, name, ...grace, body: { preconditions: { uid } } }),
      );
      await untilGone(uid);
    },
    evict: async () => {
      const { uid } = watch.state(name);
      await ask(api, 'create', 'pods/eviction', () => evict(api, name));
      await untilGone(uid);
    },
  };
}

async function evict({ core, namespace }: Api, name: string): Promise<void> {
  const metadata = { name, namespace };
  let refusal: unknown;
  for (const apiVersion of evictionVersions) {
    try {
      const body = { apiVersion, kind: 'Eviction', metadata };
      await core.createNamespacedPodEviction({ namespace, name, body });
      return;
    } catch (error) {
      // Of a version that it does not know the server says that nothing is registered for it.
      if (codeOf(error) === 403 || messageOf(error).includes('disruption budget')) throw error;
      refusal ??= error;
      if (!/no kind|no match|not registered|could not find/i.test(messageOf(error))) throw error;
    }
  }
  throw refusal;
}

/** Undefined: there is none. Errors: EnvironmentError. */
async function uidNow(api: Api, name: string): Promise<string | undefined> {
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
