import type { Injection } from '../../contracts/result.ts';
import { listed, seconds, shownRange } from './format.ts';

/** A kill takes effect before it is known to be in force: it may be recorded just after the last write that it cost. */
const afterMs = 500;
/** From here on the begin of an injection and its effect are two times to a reader. */
const slowMs = 500;

/**
 * ' while 'cut' was in force' for faults in force the whole time; for the others, when they were injected and healed.
 * Faults that only mark a moment explain nothing.
 */
export function faultsAround(faults: readonly Injection[], fromMs: number, toMs: number): string {
  const harmful = faults.filter(({ isHarmless, isNotCarriedOut }) => {
    return isHarmless !== true && isNotCarriedOut !== true;
  });
  const throughout = harmful.filter((fault) => isThroughout(fault, fromMs, toMs));
  const some = harmful.filter(
    (fault) => !throughout.includes(fault) && overlaps(fault, fromMs, toMs),
  );
  const were = throughout.length > 1 ? 'were' : 'was';
  const all =
    throughout.length === 0 ? '' : ` while ${listed(throughout.map(nameOf))} ${were} in force`;
  return `${all}${some.length === 0 ? '' : `; ${listed(some.map((fault) => told(fault, toMs)))}`}`;
}

function isThroughout({ inForceAtMs, healedAtMs }: Injection, from: number, to: number): boolean {
  return inForceAtMs !== null && inForceAtMs <= from && (healedAtMs ?? Infinity) >= to;
}

/** A fault that was never in force may have done harm all the same: only its injection is mentioned. */
function overlaps({ injectedAtMs, healedAtMs }: Injection, from: number, to: number): boolean {
  if (injectedAtMs === null) return false;
  return injectedAtMs <= to + afterMs && (healedAtMs ?? Infinity) >= from;
}

function told(fault: Injection, toMs: number): string {
  const { injectedAtMs, inForceAtMs, healedAtMs } = fault;
  const fromMs = injectedAtMs ?? 0;
  // A busy host takes time over it, and some of the writes before its effect may be later than its begin.
  const isSlow = inForceAtMs !== null && inForceAtMs - fromMs >= slowMs;
  const when = isSlow ? `between ${shownRange(fromMs, inForceAtMs)}` : `at ${seconds(fromMs)}`;
  const began = `${nameOf(fault)} was injected ${when}`;
  return healedAtMs === null || healedAtMs > toMs
    ? began
    : `${began} and healed at ${seconds(healedAtMs)}`;
}

/** `partition#1` contains the fault's name; an id chosen in the scenario may not. */
function nameOf({ id, fault }: Injection): string {
  return id.includes('#') ? `'${id}'` : `'${id}' (${fault})`;
}
