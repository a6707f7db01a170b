import type { LockState } from '../../contracts/cluster.ts';
import type { Json } from '../../contracts/json.ts';

type Annotations = Readonly<Record<string, string>> | undefined;

/**
 * What the API server holds of a lock. Patroni's are the annotations of ConfigMaps or Endpoints, and of pods; CloudNativePG's
 * is a Lease.   Source: Patroni, dcs/kubernetes.py; CloudNativePG, internal/management/controller.
 */
export interface LockObjects {
  readonly leader?: Annotations;
  readonly sync?: Annotations;
  readonly settings?: Annotations;
  /** The annotation `status` of each member's pod. */
  readonly members?: Readonly<Record<string, string>>;
  readonly lease?: {
    readonly holder: string | undefined;
    readonly renewed: string | undefined;
    readonly seconds: number | undefined;
  };
}

/** The last renewal of a lock: another mark is a new one. */
export interface Renewal {
  readonly mark: string;
  readonly ttlMs: number;
}

/** Undefined: nothing says how long it holds. */
export function renewalOf({ leader, lease }: LockObjects): Renewal | undefined {
  if (lease?.seconds !== undefined && lease.renewed !== undefined) {
    return { mark: `${lease.holder ?? ''} ${lease.renewed}`, ttlMs: lease.seconds * 1000 };
  }
  const { renewTime, ttl, leader: holder = '' } = leader ?? {};
  if (renewTime === undefined || ttl === undefined) return undefined;
  return { mark: `${holder} ${renewTime}`, ttlMs: Number(ttl) * 1000 };
}

export function lockStateOf(found: LockObjects, isExpired: boolean): LockState {
  const { leader, sync, settings, members = {}, lease } = found;
  const holder = lease ? lease.holder : leader?.leader;
  const isHeld = holder !== undefined && holder !== '' && !isExpired;
  const states = Object.entries(members).flatMap(([name, status]) => {
    const { state } = objectIn(status);
    return typeof state === 'string' ? [[name, state] as const] : [];
  });
  return {
    ...(isHeld && { leader: holder }),
    syncStandbys: namesIn(sync?.sync_standby),
    isPaused: objectIn(settings?.config).pause === true,
    states: Object.fromEntries(states),
  };
}

function namesIn(text = ''): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .sort();
}

/** What is no JSON object says nothing. */
function objectIn(text = '{}'): Readonly<Record<string, Json>> {
  try {
    const value = JSON.parse(text) as Json;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, Json>) : {};
  } catch {
    return {};
  }
}
