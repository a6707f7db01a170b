import type { LockReader, LockState } from '../contracts/cluster.ts';
import { type EtcdMember, readLockState } from './lock-state.ts';
import { dcsPrefix } from './member-config.ts';

const lockTimeoutMs = 1_000;
/** A member that has not answered by then is no longer the only one that is asked. */
const hedgeMs = 200;

/** Reads the lock from etcd itself, first from the member that answered last time. */
export class EtcdLocks implements LockReader {
  readonly #members: readonly EtcdMember[];
  readonly #prefix: string;
  #lastGood: EtcdMember | undefined;

  constructor(members: readonly EtcdMember[], prefix = dcsPrefix) {
    this.#members = members;
    this.#prefix = prefix;
  }

  /** Undefined when no member answers in time; the others are asked too when one takes long or fails. */
  async leader(signal: AbortSignal): Promise<LockState | undefined> {
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
    const state = await readLockState(member, lockTimeoutMs, signal, this.#prefix);
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
