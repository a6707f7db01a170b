import type { Topology } from '../contracts/cluster.ts';
import { type EtcdMember, type LockState, readLockState } from './lock-state.ts';
import type { Observation, Observer } from './observer.ts';

const lockTimeoutMs = 1_000;
/** A member that has not answered by then is asked no longer alone. */
const down: Observation = { role: 'down' };
const hedgeMs = 200;

/**
 * Reads the cluster as it is: roles from the servers themselves, the lock from etcd, all at the same time. A
 * node that does not answer is down, and without an answer from etcd there is no leader: neither is an error.
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
    locks.read(signal),
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

/** Asks etcd, first the member that answered last time. */
export class LockReader {
  readonly #members: readonly EtcdMember[];
  #lastGood: EtcdMember | undefined;

  constructor(members: readonly EtcdMember[]) {
    this.#members = members;
  }

  /** Undefined when no member answers in time; the others are asked too when one takes long or fails. */
  async read(signal: AbortSignal): Promise<LockState | undefined> {
    const answered = new AbortController();
    const stop = AbortSignal.any([signal, answered.signal]);
    const attempts: Promise<LockState>[] = [];
    try {
      for (const member of this.#ordered()) {
        const attempt = this.#ask(member, stop);
        attempts.push(attempt);
        const early = await Promise.race([attempt.catch(() => undefined), pause(hedgeMs)]);
        if (early) return early;
      }
      return await Promise.any(attempts);
    } catch {
      return undefined;
    } finally {
      answered.abort();
    }
  }

  async #ask(member: EtcdMember, signal: AbortSignal): Promise<LockState> {
    const state = await readLockState(member, lockTimeoutMs, signal);
    this.#lastGood = member;
    return state;
  }

  #ordered(): readonly EtcdMember[] {
    const first = this.#lastGood;
    if (first === undefined) return this.#members;
    return [first, ...this.#members.filter((member) => member !== first)];
  }
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}
