import type { RunEvent } from '../../contracts/evidence.ts';
import { isInterruption, overridesIn } from './earlier-words.ts';

/** The faults that asked for a promotion when events did not say what a fault does. New ones say it themselves. */
const askedForPromotion: ReadonlySet<string> = new Set(['switchover', 'failover', 'rewind']);

/** An event of an earlier version as this version would have written it. */
export function asWrittenNow(event: RunEvent): RunEvent {
  if (event.type === 'run' && event.overrides === undefined) {
    return { ...event, overrides: overridesIn(event.reproduce) };
  }
  if (event.type === 'problem' && isInterruption(event.what)) {
    return { ...event, isInterruption: true };
  }
  if (event.type === 'inject' && event.effects === undefined) {
    const isAsking = askedForPromotion.has(event.fault);
    return { ...event, effects: isAsking ? { asksForPromotion: true } : {} };
  }
  return event;
}
