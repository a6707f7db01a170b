import type { Injection, Result } from '../../contracts/result.ts';
import type { Server } from '../causes/servers.ts';
import type { Stretch } from './availability.ts';

/** What a fault leaves behind may still end a server so long after it is healed. */
const aftermathMs = 10_000;
/** What is answered and what is injected are written down by two processes, a moment apart. */
const slackMs = 100;

/** A server took over; or none did, in an outage that lasted until the end of the load: its time is then unknown. */
export interface Takeover {
  /** The fault it counts from; undefined: none came before. */
  readonly fault: string | undefined;
  /** When that was injected. */
  readonly faultAtMs: number | undefined;
  /** Its first acknowledged write, milliseconds since the start of the load; without one, the last of the server before. */
  readonly atMs: number;
  /** From the fault to that write; null: unknown. */
  readonly ms: number | null;
  readonly isSameServer: boolean;
}

/**
 * How long it took from a fault to the first write acknowledged by the server that took over. A server takes over when it
 * acknowledges after another did, or after itself on an older timeline. The fault is the last one injected while the server
 * before it still answered; who takes over from the successor is no part of its recovery.
 */
export function takeoversOf(
  servers: readonly Server[],
  faults: readonly Injection[],
  held: readonly Stretch[],
): readonly Takeover[] {
  const byTime = servers.toSorted((a, b) => a.firstUs - b.firstUs);
  const took = new Map<string | undefined, Takeover>();
  byTime.slice(1).forEach((server, index) => {
    const before = byTime.slice(0, index + 1);
    const old = before.reduce((last, one) => (one.lastUs > last.lastUs ? one : last));
    const lastUs = Math.min(old.lastUs, server.firstUs);
    const atMs = server.firstUs / 1000;
    const isHidden = held.some(
      ({ fromUs, untilUs }) => fromUs < server.firstUs && untilUs > lastUs,
    );
    const fault = blamed(faults, { node: old.node, lastAckMs: lastUs / 1000, takenMs: atMs });
    if (took.has(fault?.id)) return;
    const ms = isHidden || !fault ? null : atMs - fault.atMs;
    took.set(fault?.id, {
      fault: fault?.id,
      faultAtMs: fault?.atMs,
      atMs,
      ms,
      isSameServer: old.node === server.node,
    });
  });
  return [...took.values()];
}

/**
 * What a fault owes: from it on nothing took over, and the load ended in the outage. None where no fault was injected, or
 * where an answer that came after the load's end shows who took over.
 */
export function owedTakeover(
  servers: readonly Server[],
  faults: readonly Injection[],
  outage: Stretch | undefined,
): readonly Takeover[] {
  const lastUs = outage?.fromUs ?? 0;
  const answered = servers.filter(({ firstUs }) => firstUs <= lastUs);
  if (!outage || answered.length === 0 || answered.length < servers.length) return [];
  const takenMs = outage.untilUs / 1000;
  if (!faults.some(({ injectedAtMs }) => injectedAtMs !== null && injectedAtMs < takenMs)) {
    return [];
  }
  const old = answered.reduce((last, one) => (one.lastUs > last.lastUs ? one : last));
  const atMs = lastUs / 1000;
  const fault = blamed(faults, { node: old.node, lastAckMs: atMs, takenMs });
  return [{ fault: fault?.id, faultAtMs: fault?.atMs, atMs, ms: null, isSameServer: false }];
}

/**
 * The longest of the run. null: no server took over, or none until the end of the load; no fault came before; or a fault held
 * the load meanwhile, so that the time is unknown. Units: milliseconds.
 */
export function rtoOf(takeovers: readonly Takeover[]): Result['rto'] {
  // An unknown one may have been the longest.
  if (takeovers.some(({ ms }) => ms === null)) return { ms: null, fault: null };
  const [longest] = takeovers.toSorted((a, b) => (b.ms ?? 0) - (a.ms ?? 0));
  if (longest?.fault === undefined || longest.ms === null) return { ms: null, fault: null };
  const { ms, fault, isSameServer } = longest;
  return { ms: Math.round(ms), fault, ...(isSameServer && { isSameServer }) };
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
