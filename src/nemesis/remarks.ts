import type { Machine } from '../contracts/cluster.ts';
import type { Fault, LookContext } from '../contracts/fault.ts';
import type { Json } from '../contracts/json.ts';

const timeoutMs = 5_000;

/** What the cluster made of a fault until now. Never rejects: a node that is down says nothing of itself, and that is no problem. */
export async function remarksOf(
  fault: Fault,
  targets: readonly Machine[],
  { params, ...context }: Omit<LookContext, 'signal'> & { readonly params: Json },
): Promise<readonly string[]> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    return (await fault.remarks?.(targets, params, { ...context, signal })) ?? [];
  } catch {
    return [];
  }
}
