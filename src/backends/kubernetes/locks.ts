import { CoordinationV1Api, CoreV1Api } from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LockReader, LockState } from '../../contracts/cluster.ts';
import { monotonicMs } from '../../std/wait.ts';
import type { Api } from './api.ts';
import { type LockObjects, lockStateOf, type Renewal, renewalOf } from './lock-state.ts';
import type { KubernetesParams } from './params.ts';
import { listPods } from './pods.ts';

const timeoutMs = 2_000;

/**
 * Reads the leader lock from the API server itself, where that is the DCS. A holder that has died stays written there: it counts
 * until the lock was not renewed for its time to live, by our own clock, as Patroni's members judge it.
 */
export class KubernetesLocks implements LockReader {
  readonly #api: Api;
  readonly #params: KubernetesParams;
  #renewal: (Renewal & { readonly seenMs: number }) | undefined;

  constructor(api: Api, params: KubernetesParams) {
    this.#api = api;
    this.#params = params;
  }

  /** Undefined where the API server gives no answer in time: unknown, not "no leader". */
  async leader(): Promise<LockState | undefined> {
    try {
      const found = await Promise.race([this.#read(), sleep(timeoutMs, undefined)]);
      return found && lockStateOf(found, this.#isExpired(found));
    } catch {
      return undefined;
    }
  }

  #isExpired(found: LockObjects): boolean {
    const renewal = renewalOf(found);
    if (!renewal) return false;
    const isSame = this.#renewal?.mark === renewal.mark;
    const seenMs = isSame ? (this.#renewal?.seenMs ?? monotonicMs()) : monotonicMs();
    this.#renewal = { ...renewal, seenMs };
    return monotonicMs() - seenMs > renewal.ttlMs;
  }

  async #read(): Promise<LockObjects> {
    const { lock } = this.#params;
    const { namespace, config } = this.#api;
    if (!lock) return {};
    if ('lease' in lock) {
      const leases = config.makeApiClient(CoordinationV1Api);
      const { spec } = await leases.readNamespacedLease({ namespace, name: lock.lease });
      return {
        lease: {
          holder: spec?.holderIdentity,
          renewed: spec?.renewTime?.toISOString(),
          seconds: spec?.leaseDurationSeconds,
        },
      };
    }
    const core = config.makeApiClient(CoreV1Api);
    const annotationsOf = async (name: string) => {
      const read = { namespace, name };
      const found =
        'endpoints' in lock
          ? await core.readNamespacedEndpoints(read)
          : await core.readNamespacedConfigMap(read);
      return found.metadata?.annotations;
    };
    const scope = 'endpoints' in lock ? lock.endpoints : lock.configMaps;
    const [leader, sync, settings, pods] = await Promise.all([
      annotationsOf('endpoints' in lock ? scope : `${scope}-leader`),
      annotationsOf(`${scope}-sync`).catch(() => undefined),
      annotationsOf(`${scope}-config`).catch(() => undefined),
      listPods(this.#api, this.#params),
    ]);
    const members = pods.map(({ metadata }) => [
      metadata?.name ?? '',
      metadata?.annotations?.status ?? '',
    ]);
    return {
      leader,
      sync,
      settings,
      members: Object.fromEntries(members) as Record<string, string>,
    };
  }
}
