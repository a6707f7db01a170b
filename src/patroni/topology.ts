import type { LockReader, LockState, Topology } from '../contracts/cluster.ts';
import type { Observation, Observer } from './observer.ts';

const down: Observation = { role: 'down' };

/**
 * Reads the cluster as it is: roles from the servers themselves, the lock from its reader, all at the same time. A
 * node that does not answer is down, and without an answer about the lock there is no leader: neither is an error.
 * Errors: the signal's reason when aborted.
 */
export async function readTopology(
  observers: ReadonlyMap<string, Observer>,
  locks: LockReader,
  signal: AbortSignal,
): Promise<Topology> {
  signal.throwIfAborted();
  const nodes = [...observers.keys()];
  const [lock, ...observations] = await Promise.all([
    locks.leader(signal),
    ...[...observers.values()].map((observer) => observer.observe()),
  ]);
  signal.throwIfAborted();
  const byNode = nodes.map((node, index) => [node, observations[index]] as const);
  return describe(byNode, lock);
}

export function describe(
  observations: readonly (readonly [node: string, observation: Observation | undefined])[],
  lock: LockState | undefined,
): Topology {
  const members = observations.map(([node, observation]) => {
    const state = lock?.states[node];
    return { node, ...(observation ?? down), ...(state !== undefined && { state }) };
  });
  return {
    ...(lock?.leader !== undefined && { leader: lock.leader }),
    ...(!lock && { isLockUnknown: true }),
    syncStandbys: lock?.syncStandbys ?? [],
    members,
    isPaused: lock?.isPaused ?? false,
  };
}
