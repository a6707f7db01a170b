import type { LockState } from '../contracts/cluster.ts';
import type { Json } from '../contracts/json.ts';
import { type HttpTarget, http, jsonOf } from './http.ts';
import { mapping } from './asked-parameters.ts';
import { dcsPrefix } from './member-config.ts';

export interface EtcdMember {
  readonly name: string;
  readonly target: HttpTarget;
}

interface KeyValue {
  readonly key: string;
  readonly value?: string;
}

/**
 * Reads the cluster's keys from etcd itself.
 * Not from a member's GET /cluster: that is served from a watch without a timeout, so an isolated member goes on naming a
 * leader that was replaced long ago. This read is linearizable: an etcd member without a quorum cannot answer it.
 * (Patroni, dcs/etcd3.py, KVCache)
 * Errors: Error when this etcd member gave no answer in time.
 */
export async function readLockState(
  member: EtcdMember,
  timeoutMs: number,
  signal?: AbortSignal,
  prefix = dcsPrefix,
): Promise<LockState> {
  const body = { key: base64(prefix), range_end: base64(afterPrefix(prefix)) };
  const answer = await http(member.target, {
    method: 'POST',
    path: '/v3/kv/range',
    body,
    timeoutMs,
    signal,
  });
  const { kvs = [] } = jsonOf(answer) as { kvs?: readonly KeyValue[] };
  const pairs = kvs.map(({ key, value = '' }) => [text(key), text(value)] as const);
  return parseLockState(pairs, prefix);
}

/** Shape: pairs of key and value, as Patroni writes them. */
export function parseLockState(
  pairs: readonly (readonly [string, string])[],
  prefix = dcsPrefix,
): LockState {
  const values = new Map(
    pairs
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
  const config = object(values.get('config'));
  const leader = values.get('leader');
  const sync = object(values.get('sync'));
  const memberKey = 'members/';
  const states = [...values]
    .filter(([key]) => key.startsWith(memberKey))
    .map(([key, value]) => [key.slice(memberKey.length), object(value).state] as const)
    .filter((entry): entry is readonly [string, string] => typeof entry[1] === 'string');
  return {
    ...(leader !== undefined && leader !== '' && { leader }),
    syncStandbys: names(sync.sync_standby),
    isPaused: config.pause === true,
    ...(Object.keys(config).length > 0 && { isStandby: isStandbyConfig(config) }),
    states: Object.fromEntries(states),
  };
}

/** Source: Patroni, utils.py, is_standby_cluster. */
export function isStandbyConfig(config: Readonly<Record<string, Json>>): boolean {
  const standby = mapping(config.standby_cluster);
  return ['host', 'port', 'restore_command'].some((key) => Boolean(standby[key]));
}

/** etcd's range end for "all keys with this prefix": the prefix with its last byte incremented. */
function afterPrefix(prefix: string): string {
  const last = prefix.charCodeAt(prefix.length - 1);
  return prefix.slice(0, -1) + String.fromCharCode(last + 1);
}

/** `pg2,pg3` or null. */
function names(value: Json | undefined): readonly string[] {
  if (typeof value !== 'string') return [];
  return value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .sort();
}

/** A value that is no JSON object (being replaced, from a later version) is ignored. */
function object(value: string | undefined): Readonly<Record<string, Json>> {
  try {
    const parsed = JSON.parse(value ?? '{}') as Json;
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, Json>)
      : {};
  } catch {
    return {};
  }
}

function base64(value: string): string {
  return Buffer.from(value).toString('base64');
}

function text(value: string): string {
  return Buffer.from(value, 'base64').toString();
}
