import { CoordinationV1Api, CoreV1Api } from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { LockReader, LockState } from '../../contracts/cluster.ts';
import { EtcdLocks } from '../../patroni/etcd-locks.ts';
import type { EtcdMember } from '../../patroni/lock-state.ts';
import { prefixOf } from '../../patroni/member-config.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { monotonicMs } from '../../std/wait.ts';
import { type Api, ask, codeOf } from './api.ts';
import { type LockObjects, lockStateOf, type Renewal, renewalOf } from './lock-state.ts';
import type { KubernetesParams } from './params.ts';
import { listPods } from './pods.ts';
import { type Preset, presets } from './presets.ts';

const timeoutMs = 2_000;

/**
 * The reader of the lock that the cluster file names, or its preset; undefined: neither does. A preset's lock that cannot be read, as that
 * of an older operator, is noted, and the only primary counts as leader.
 * Errors: EnvironmentError where the file names a lock that cannot be read, or the API server does not answer.
 */
export async function openLocks(
  api: Api,
  params: KubernetesParams,
  { signal, log }: { readonly signal: AbortSignal; readonly log: (sentence: string) => void },
): Promise<LockReader | undefined> {
  const { lock, dcs } = params;
  if (!lock) return undefined;
  if ('etcd' in lock) {
    const locks = new EtcdLocks(etcdMembers(dcs), prefixOf(lock.etcd));
    const found = await locks.leader(signal);
    const members = Object.keys(found?.states ?? {});
    if (members.length > 0) return locks;
    const why = found ? `it has no member below ${prefixOf(lock.etcd)}` : 'no answer';
    throw new EnvironmentError(`lock.etcd: etcd at ${String(dcs)}: ${why}`);
  }
  const locks = new KubernetesLocks(api, params);
  try {
    await locks.read();
    return locks;
  } catch (error) {
    signal.throwIfAborted();
    // Forbidden, or not there; an API server that did not answer says nothing of it.
    const { cause } = error as { readonly cause?: unknown };
    if (!isOfPreset(params) || ![403, 404].includes(codeOf(cause) ?? 0)) throw error;
    log(`${messageOf(error)}; so the only primary counts as leader`);
    return undefined;
  }
}

function isOfPreset({ preset, cluster = '', lock }: KubernetesParams): boolean {
  const known: Preset | undefined = preset && presets[preset];
  return isDeepStrictEqual(known?.lock?.(cluster), lock);
}

function etcdMembers(dcs: KubernetesParams['dcs']): readonly EtcdMember[] {
  return typeof dcs === 'string'
    ? []
    : dcs.map((name) => {
        const [host = '', port = ''] = name.split(':');
        return { name, target: { host, port: Number(port) } };
      });
}

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
      const found = await Promise.race([this.read(), sleep(timeoutMs, undefined)]);
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

  /** Errors: EnvironmentError with the right or the object that is missing. */
  async read(): Promise<LockObjects> {
    const { lock } = this.#params;
    const { namespace, config } = this.#api;
    if (!lock || 'etcd' in lock) return {};
    if ('lease' in lock) {
      const leases = config.makeApiClient(CoordinationV1Api);
      const { spec } = await ask(this.#api, 'get', `leases ${lock.lease}`, () =>
        leases.readNamespacedLease({ namespace, name: lock.lease }),
      );
      return {
        lease: {
          holder: spec?.holderIdentity,
          // By its type a Date; it comes as the text that the API server sent.
          renewed: spec?.renewTime && JSON.stringify(spec.renewTime),
          seconds: spec?.leaseDurationSeconds,
        },
      };
    }
    const core = config.makeApiClient(CoreV1Api);
    const resource = 'endpoints' in lock ? 'endpoints' : 'configmaps';
    const annotationsOf = async (name: string) => {
      const read = { namespace, name };
      const found = await ask(this.#api, 'get', `${resource} ${name}`, () =>
        resource === 'endpoints'
          ? core.readNamespacedEndpoints(read)
          : core.readNamespacedConfigMap(read),
      );
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
