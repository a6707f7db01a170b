import type { FaultOutage, Injection } from '../../contracts/result.ts';
import { seconds, secondsOrUnknown } from './format.ts';

export const afterInjection = ['lock lost', 'lock taken', 'first write'] as const;

/** What followed an injection, in that order, as time since it; empty for what did not happen. */
export function timesAfterInjection(gap: FaultOutage | undefined): readonly string[] {
  const later = (ms: number | null | undefined) => (ms == null ? '' : `+${seconds(ms)}`);
  const hasNone = gap?.fromMs != null && gap.untilMs === null;
  return [
    ...[later(gap?.detectMs), later(gap?.electMs)],
    hasNone ? 'none' : later(gap?.firstAckMs),
  ];
}

/** When a fault came into force; `never` only if that was observed. */
export function inForceSince({ inForceAtMs, isNotCarriedOut }: Injection): string {
  return isNotCarriedOut ? 'never' : secondsOrUnknown(inForceAtMs);
}
