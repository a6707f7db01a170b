import type { Json } from '../contracts/json.ts';
import { ClusterError, messageOf } from '../std/errors.ts';
import { http, jsonOf } from './http.ts';
import type { EtcdMember } from './lock-state.ts';

const timeoutMs = 2_000;

/** The dynamic configuration of a cluster as etcd has it, for a cluster none of whose members answers. Errors: ClusterError. */
export async function readStoredConfig(
  members: readonly EtcdMember[],
  prefix: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, Json>>> {
  const key = `${prefix}config`;
  const answer = await askAny(members, '/v3/kv/range', { key: base64(key) }, signal);
  const { kvs: [found] = [] } = answer as { readonly kvs?: readonly { readonly value: string }[] };
  if (!found) throw new ClusterError(`etcd has no ${key}`);
  const text = Buffer.from(found.value, 'base64').toString();
  return JSON.parse(text) as Readonly<Record<string, Json>>;
}

/** Replaces it, as `patronictl edit-config` does. Errors: ClusterError. */
export async function storeConfig(
  members: readonly EtcdMember[],
  { prefix, config }: { readonly prefix: string; readonly config: Json },
  signal: AbortSignal,
): Promise<void> {
  const body = { key: base64(`${prefix}config`), value: base64(JSON.stringify(config)) };
  await askAny(members, '/v3/kv/put', body, signal);
}

/** A member without a quorum does not answer, so the next one is asked. */
async function askAny(
  members: readonly EtcdMember[],
  path: string,
  body: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<unknown> {
  const failures: string[] = [];
  for (const { name, target } of members) {
    try {
      return jsonOf(await http(target, { method: 'POST', path, body, timeoutMs, signal }));
    } catch (error) {
      signal.throwIfAborted();
      failures.push(`${name}: ${messageOf(error)}`);
    }
  }
  throw new ClusterError(`etcd: POST ${path}: ${failures.join('; ')}`);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
