import type { Injection } from '../contracts/result.ts';
import type { Server } from './attribution-servers.ts';
import type { Stretch } from './availability.ts';

/** What is answered and what is injected are written down by two processes, a moment apart. */
const slackMs = 100;

/**
 * How long it took from a fault to the first write acknowledged by the server that took over: the longest of the run. A
 * server takes over when it acknowledges after another did, or after itself on an older timeline. The fault is the last
 * one injected while the server before it still answered; who takes over from the successor is no part of its recovery.
 * null: nobody took over, no fault came before, or the load was held by us meanwhile, so that nobody can tell.
 * Units: milliseconds.
 */
export function rtoMs(
  servers: readonly Server[],
  faults: readonly Injection[],
  held: readonly Stretch[],
): number | null {
  const byTime = servers.toSorted((a, b) => a.firstUs - b.firstUs);
  /** Moment of the injection -> time until the first takeover after it; null: nobody can tell. */
  const took = new Map<number | undefined, number | null>();
  byTime.slice(1).forEach((server, index) => {
    const before = byTime.slice(0, index + 1);
    const lastUs = Math.max(...before.map((one) => Math.min(one.lastUs, server.firstUs)));
    const isHidden = held.some(
      ({ fromUs, untilUs }) => fromUs < server.firstUs && untilUs > lastUs,
    );
    const beganMs = blamed(faults, lastUs / 1000, server.firstUs / 1000);
    if (took.has(beganMs)) return;
    const isKnown = beganMs !== undefined && !isHidden;
    took.set(beganMs, isKnown ? Math.round(server.firstUs / 1000 - beganMs) : null);
  });
  const all = [...took.values()];
  const known = all.filter((ms) => ms !== null);
  // One that nobody can tell may have been the longest.
  return known.length === 0 || known.length < all.length ? null : Math.max(...known);
}

/** When the fault was injected that ended the old server's answers. */
function blamed(
  faults: readonly Injection[],
  lastAckMs: number,
  takenMs: number,
): number | undefined {
  const injected = faults.flatMap(({ injectedAtMs }) => injectedAtMs ?? []).sort((a, b) => a - b);
  return (
    injected.findLast((atMs) => atMs <= lastAckMs + slackMs) ??
    injected.find((atMs) => atMs < takenMs)
  );
}
