import type { FaultOutage, Injection } from '../../contracts/result.ts';
import { seconds, secondsOrUnknown } from './format.ts';

export const afterInjection = ['lock lost', 'lock taken', 'first write'] as const;

/** What followed an injection, in that order, counted from it; empty where it did not come to that. */
export function timesAfterInjection(gap: FaultOutage | undefined): readonly string[] {
  const later = (ms: number | null | undefined) => (ms == null ? '' : `+${seconds(ms)}`);
  const hasNone = gap?.fromMs != null && gap.untilMs === null;
  return [
    ...[later(gap?.detectMs), later(gap?.electMs)],
    hasNone ? 'none' : later(gap?.firstAckMs),
  ];
}

/** Since when a fault was in force; `never` only where that was seen. */
export function inForceSince({ inForceAtMs, isNotCarriedOut }: Injection): string {
  return isNotCarriedOut ? 'never' : secondsOrUnknown(inForceAtMs);
}
