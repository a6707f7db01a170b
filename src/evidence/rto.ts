import type { Injection } from '../contracts/result.ts';
import type { Server } from './attribution-servers.ts';
import type { Stretch } from './availability.ts';

/** What is answered and what is injected are written down by two processes, a moment apart. */
const slackMs = 100;

/**
 * How long it took from a fault to the first write acknowledged by the server that took over: the longest of the run. A
 * server takes over when it acknowledges after another did, or after itself on an older timeline. The fault is the last
 * one injected while the server before it still answered. null: nobody took over, no fault came before, or the load was
 * held by us meanwhile, so that nobody can tell.
 * Units: milliseconds.
 */
export function rtoMs(
  servers: readonly Server[],
  faults: readonly Injection[],
  held: readonly Stretch[],
): number | null {
  const byTime = servers.toSorted((a, b) => a.firstUs - b.firstUs);
  const took = byTime.slice(1).map((server, index) => {
    const before = byTime.slice(0, index + 1);
    const lastUs = Math.max(...before.map((one) => Math.min(one.lastUs, server.firstUs)));
    const isHidden = held.some(
      ({ fromUs, untilUs }) => fromUs < server.firstUs && untilUs > lastUs,
    );
    const beganMs = isHidden ? undefined : blamed(faults, lastUs / 1000, server.firstUs / 1000);
    return beganMs === undefined ? null : Math.round(server.firstUs / 1000 - beganMs);
  });
  const known = took.filter((ms) => ms !== null);
  // One that nobody can tell may have been the longest.
  return known.length === 0 || known.length < took.length ? null : Math.max(...known);
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
