import type { Injection, Result } from '../contracts/result.ts';
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
export function rtoOf(
  servers: readonly Server[],
  faults: readonly Injection[],
  held: readonly Stretch[],
): Result['rto'] {
  const byTime = servers.toSorted((a, b) => a.firstUs - b.firstUs);
  /** Injection -> time until the first takeover after it; null: nobody can tell. */
  const took = new Map<string | undefined, number | null>();
  byTime.slice(1).forEach((server, index) => {
    const before = byTime.slice(0, index + 1);
    const lastUs = Math.max(...before.map((one) => Math.min(one.lastUs, server.firstUs)));
    const isHidden = held.some(
      ({ fromUs, untilUs }) => fromUs < server.firstUs && untilUs > lastUs,
    );
    const fault = blamed(faults, lastUs / 1000, server.firstUs / 1000);
    if (took.has(fault?.id)) return;
    took.set(fault?.id, fault && !isHidden ? server.firstUs / 1000 - fault.atMs : null);
  });
  const longest = [...took].reduce<Result['rto'] | undefined>((most, [fault = null, ms]) => {
    // One that nobody can tell may have been the longest.
    if (ms === null || most?.ms === null) return { ms: null, fault: null };
    return most && most.ms >= ms ? most : { ms: Math.round(ms), fault };
  }, undefined);
  return longest ?? { ms: null, fault: null };
}

/** The fault that ended the old server's answers. */
function blamed(
  faults: readonly Injection[],
  lastAckMs: number,
  takenMs: number,
): { readonly id: string; readonly atMs: number } | undefined {
  const injected = faults
    .flatMap(({ id, injectedAtMs }) => (injectedAtMs === null ? [] : [{ id, atMs: injectedAtMs }]))
    .sort((a, b) => a.atMs - b.atMs);
  return (
    injected.findLast(({ atMs }) => atMs <= lastAckMs + slackMs) ??
    injected.find(({ atMs }) => atMs < takenMs)
  );
}
