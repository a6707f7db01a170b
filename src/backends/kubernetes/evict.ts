import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, NotCarriedOut } from '../../std/errors.ts';
import { monotonicMs } from '../../std/wait.ts';
import { type Api, ask, codeOf } from './api.ts';

/** A server before 1.22 knows the second alone, one since 1.25 the first. */
const versions = ['policy/v1', 'policy/v1beta1'] as const;
/** As kubectl drain. */
const againMs = 5_000;

/**
 * Asks for a pod's end as a drain does. A PodDisruptionBudget may refuse: it is asked again for `withinMs`.
 * Errors: NotCarriedOut with its refusal; EnvironmentError with any other answer.
 */
export async function evictPod(
  api: Api,
  name: string,
  { withinMs = 0, signal }: { readonly withinMs?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const endMs = monotonicMs() + withinMs;
  for (;;) {
    try {
      await ask(api, 'create', 'pods/eviction', () => evictOnce(api, name));
      return;
    } catch (error) {
      const code = codeOf((error as Error).cause);
      if (code === 404 || isGoing(error)) return;
      if (code !== 429) throw error;
      const leftMs = endMs - monotonicMs();
      if (leftMs <= 0) {
        const tried = withinMs > 0 ? `, for ${withinMs / 1000} s` : '';
        throw new NotCarriedOut(`${name}: its eviction was refused${tried}: ${messageOf(error)}`, {
          cause: error,
        });
      }
      await sleep(Math.min(againMs, leftMs), undefined, { signal });
    }
  }
}

/** Its namespace is being deleted, and the pod with it. */
function isGoing(error: unknown): boolean {
  const { body } = (error as Error).cause as { readonly body?: unknown };
  return typeof body === 'string' && body.includes('NamespaceTerminating');
}

async function evictOnce({ core, namespace }: Api, name: string): Promise<void> {
  const metadata = { name, namespace };
  let refusal: unknown;
  for (const apiVersion of versions) {
    try {
      const body = { apiVersion, kind: 'Eviction', metadata };
      await core.createNamespacedPodEviction({ namespace, name, body });
      return;
    } catch (error) {
      // Of a version that it does not know the server says that nothing is registered for it.
      if (codeOf(error) === 403 || codeOf(error) === 429) throw error;
      refusal ??= error;
      if (!/no kind|no match|not registered|could not find/i.test(messageOf(error))) throw error;
    }
  }
  throw refusal;
}
