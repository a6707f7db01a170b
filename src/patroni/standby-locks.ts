import type { LockReader, LockState } from '../contracts/cluster.ts';

/**
 * The lock of two clusters of which one follows the other: that of the one that takes writes. An administrator who promotes the standby
 * cluster moves the leadership, so where neither follows the other it is the promoted one's.
 */
export class StandbyLocks implements LockReader {
  readonly #first: LockReader;
  readonly #standby: LockReader;

  constructor(first: LockReader, standby: LockReader) {
    this.#first = first;
    this.#standby = standby;
  }

  async leader(signal: AbortSignal): Promise<LockState | undefined> {
    const [first, standby] = await Promise.all([
      this.#first.leader(signal),
      this.#standby.leader(signal),
    ]);
    return first && standby && oneLock(first, standby);
  }
}

export function oneLock(first: LockState, standby: LockState): LockState {
  const states = { ...first.states, ...standby.states };
  // Without a configuration it was not made yet.
  if (standby.isStandby === false) return { ...standby, states };
  const { leader, ...rest } = first;
  return { ...rest, states, ...(!first.isStandby && leader !== undefined && { leader }) };
}
