import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import { EnvironmentError } from '../../std/errors.ts';
import { type Api, ask, codeOf } from './api.ts';

const readyTimeoutMs = 60_000;

/**
 * Makes a pod of ours, and resolves with its name when it runs.
 * Errors: EnvironmentError with Kubernetes' reason; the pod is removed then.
 */
export async function startPod(api: Api, body: V1Pod, what: string): Promise<string> {
  const { core, namespace } = api;
  const made = await ask(api, 'create', 'pods', () =>
    core.createNamespacedPod({ namespace, body }),
  );
  const name = made.metadata?.name ?? '';
  try {
    await untilRunning(api, name, `${what} with image ${body.spec?.containers[0]?.image ?? ''}`);
    return name;
  } catch (error) {
    await removePod(api, name);
    throw error;
  }
}

async function untilRunning(api: Api, name: string, what: string): Promise<void> {
  const { core, namespace } = api;
  const endMs = performance.now() + readyTimeoutMs;
  for (;;) {
    const pod = await ask(api, 'get', 'pods', () => core.readNamespacedPod({ namespace, name }));
    const status = pod.status?.containerStatuses?.[0];
    if (status?.state?.running) return;
    const waiting = status?.state?.waiting;
    const cannot = /ErrImage|ImagePull|InvalidImage|CreateContainer/.test(waiting?.reason ?? '');
    if (cannot || performance.now() > endMs || pod.status?.phase === 'Failed') {
      const unscheduled = pod.status?.conditions?.find(
        ({ type, status: is }) => type === 'PodScheduled' && is === 'False',
      );
      const why =
        waiting?.message ??
        waiting?.reason ??
        unscheduled?.message ??
        pod.status?.message ??
        'it does not run';
      throw new EnvironmentError(
        `${what}: ${why}; kubectl -n ${namespace} describe pod ${name} says more`,
      );
    }
    await sleep(200);
  }
}

/** Harmless where it is gone. */
export async function removePod(api: Api, name: string): Promise<void> {
  const { core, namespace } = api;
  await ask(api, 'delete', 'pods', () =>
    core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 }).catch((error: unknown) => {
      if (codeOf(error) !== 404) throw error;
    }),
  );
}
