import type { RunEvent } from '../../contracts/evidence.ts';

export interface LockLoss {
  /** When its holder no longer had the lock. */
  readonly lostAtMs: number;
  /** When a node held it again, perhaps the same one; null: none did. */
  readonly takenAtMs: number | null;
}

/**
 * The first time that Patroni's lock left its holder between two moments, as the watcher saw it. Undefined: it did not, or
 * no node held it before. A DCS that does not answer says nothing about either.
 * Units: milliseconds since `originMs` on the events' clock.
 */
export function lockLoss(
  events: readonly RunEvent[],
  originMs: number,
  window: { readonly fromMs: number; readonly untilMs: number },
): LockLoss | undefined {
  let holder: string | undefined;
  let lostAtMs: number | undefined;
  for (const event of events) {
    if (event.type !== 'topology' || event.topology.isLockUnknown === true) continue;
    const atMs = Math.round(event.atMs - originMs);
    const { leader } = event.topology;
    if (atMs <= window.fromMs) {
      holder = leader;
      continue;
    }
    if (lostAtMs === undefined) {
      if (holder === undefined || atMs > window.untilMs) return undefined;
      if (leader === holder) continue;
      lostAtMs = atMs;
    }
    if (leader !== undefined) return { lostAtMs, takenAtMs: atMs };
  }
  return lostAtMs === undefined ? undefined : { lostAtMs, takenAtMs: null };
}
