import type { RunEvent } from '../../contracts/evidence.ts';

/** The faults that asked for a promotion when events did not say what a fault does. New ones say it themselves. */
const askedForPromotion: ReadonlySet<string> = new Set(['switchover', 'failover', 'rewind']);

/** An event of an earlier version as this version would have written it. */
export function asWrittenNow(event: RunEvent): RunEvent {
  if (event.type !== 'inject' || event.effects !== undefined) return event;
  return {
    ...event,
    effects: askedForPromotion.has(event.fault) ? { asksForPromotion: true } : {},
  };
}
