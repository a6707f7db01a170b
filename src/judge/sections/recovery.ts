import type { RunEvent } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import type { RunFacts } from '../../evidence/events/run-facts.ts';
import type { Availability } from '../availability/availability.ts';
import { marksOf, outageOf } from '../availability/outage.ts';
import { rtoOf, type Takeover } from '../availability/rto.ts';
import type { Coverage } from './coverage.ts';

interface RecoverySources {
  readonly facts: RunFacts;
  readonly plannedMs: number;
  readonly events: readonly RunEvent[];
  readonly availability: Availability;
  readonly takeovers: readonly Takeover[];
  readonly coverage: Coverage;
}

/** For how long nothing was acknowledged. A writer whose journal is not whole may have been answered in any gap. */
export function recoveryOf(sources: RecoverySources): Pick<Result, 'outage' | 'rto' | 'marks'> {
  const { facts, plannedMs, events, availability, takeovers, coverage } = sources;
  if (coverage !== 'all') {
    const held = outageOf({ ...facts, plannedMs }, availability, events).held;
    const outage = { longestMs: null, perFault: [] };
    const marks = marksOf({ ...facts, plannedMs }, undefined);
    return { outage: held ? { ...outage, held } : outage, rto: { ms: null }, ...marks };
  }
  return {
    outage: outageOf({ ...facts, plannedMs }, availability, events),
    rto: rtoOf(takeovers),
    ...marksOf({ ...facts, plannedMs }, availability),
  };
}
