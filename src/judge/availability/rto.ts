import type { Injection, Result } from '../../contracts/result.ts';
import type { Server } from '../causes/servers.ts';
import type { Stretch } from './availability.ts';

/** What a fault leaves behind may still end a server so long after it is healed. */
const aftermathMs = 10_000;
/** What is answered and what is injected are written down by two processes, a moment apart. */
const slackMs = 100;

/**
 * How long it took from a fault to the first write acknowledged by the server that took over: the longest of the run. A
 * server takes over when it acknowledges after another did, or after itself on an older timeline. The fault is the last
 * one injected while the server before it still answered; who takes over from the successor is no part of its recovery.
 * null: no server took over, no fault came before, or a fault held the load meanwhile, so that the time is unknown.
 * Units: milliseconds.
 */
export function rtoOf(
  servers: readonly Server[],
  faults: readonly Injection[],
  held: readonly Stretch[],
): Result['rto'] {
  const byTime = servers.toSorted((a, b) => a.firstUs - b.firstUs);
  /** Injection -> time until the first takeover after it, and the server; undefined: unknown. */
  const took = new Map<string | undefined, Takeover | undefined>();
  byTime.slice(1).forEach((server, index) => {
    const before = byTime.slice(0, index + 1);
    const old = before.reduce((last, one) => (one.lastUs > last.lastUs ? one : last));
    const lastUs = Math.min(old.lastUs, server.firstUs);
    const takenMs = server.firstUs / 1000;
    const isHidden = held.some(
      ({ fromUs, untilUs }) => fromUs < server.firstUs && untilUs > lastUs,
    );
    const fault = blamed(faults, { node: old.node, lastAckMs: lastUs / 1000, takenMs });
    if (took.has(fault?.id)) return;
    const found = fault && { ms: takenMs - fault.atMs, isSameServer: old.node === server.node };
    took.set(fault?.id, isHidden ? undefined : found);
  });
  const all = [...took];
  // An unknown one may have been the longest.
  if (all.some(([, takeover]) => takeover === undefined)) return { ms: null, fault: null };
  const [longest] = all.toSorted(([, a], [, b]) => (b?.ms ?? 0) - (a?.ms ?? 0));
  const [fault, takeover] = longest ?? [];
  if (fault === undefined || !takeover) return { ms: null, fault: null };
  const { ms, isSameServer } = takeover;
  return { ms: Math.round(ms), fault, ...(isSameServer && { isSameServer }) };
}

interface Takeover {
  readonly ms: number;
  readonly isSameServer: boolean;
}

/**
 * The fault that ended the old server's answers: injected before the other one took over, and not over for long when they
 * ended. The last one on the old server, from before its last answer or in the silence after it; else the last other one
 * that was still at work then, else the first one in the silence. undefined: none can have.
 */
function blamed(
  faults: readonly Injection[],
  over: { readonly node: string; readonly lastAckMs: number; readonly takenMs: number },
): { readonly id: string; readonly atMs: number } | undefined {
  const atWork = faults
    .flatMap(({ id, targets, healedAtMs, injectedAtMs: atMs }) => {
      const isOver = healedAtMs !== null && healedAtMs + aftermathMs < over.lastAckMs;
      return isOver || atMs === null || atMs >= over.takenMs ? [] : [{ id, targets, atMs }];
    })
    .sort((a, b) => a.atMs - b.atMs);
  const before = atWork.filter(({ atMs }) => atMs <= over.lastAckMs + slackMs);
  const since = atWork.filter((fault) => !before.includes(fault));
  // Without a target it is done to the whole cluster.
  const isOnOld = ({ targets }: Pick<Injection, 'targets'>) =>
    targets.length === 0 || targets.includes(over.node);
  return before.findLast(isOnOld) ?? since.find(isOnOld) ?? before.at(-1) ?? since[0];
}
