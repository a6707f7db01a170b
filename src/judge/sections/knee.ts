import type { Result } from '../../contracts/result.ts';
import type { LoadSpec } from '../../contracts/scenario.ts';
import type { RunFacts } from '../../evidence/events/run-facts.ts';
import type { KneeSteps } from '../../evidence/figures/knee-steps.ts';
import { endOfSending } from '../availability/outage.ts';
import type { Coverage } from './coverage.ts';

export interface KneeEvidence {
  readonly load: LoadSpec;
  readonly facts: Pick<RunFacts, 'loadMs' | 'stoppedMs' | 'held'>;
  readonly coverage: Coverage;
  /** Undefined: the load searches no knee. */
  readonly steps: KneeSteps | undefined;
}

/** The last rate that kept the limits. Null where journals are missing, a fault held the load, or no step came to its end. */
export function kneeOf(evidence: KneeEvidence): Pick<Result['throughput'], 'knee'> {
  const { load, facts, coverage, steps } = evidence;
  if (!steps || !load.knee) return {};
  const { loadMs } = facts;
  if (loadMs === undefined || coverage !== 'all' || facts.held.length > 0) return { knee: null };
  const endMs = endOfSending({ ...facts, loadMs, plannedMs: load.durationMs });
  // Of a load that was stopped, only a step whose slowest operations had time for an answer says something.
  const isWhole = endMs >= load.durationMs;
  const seen = steps.until(isWhole ? endMs : endMs - load.knee.p99Ms);
  if (seen.length === 0) return { knee: null };
  const passed = seen.findIndex(({ isKept }) => !isKept);
  const kept = passed < 0 ? seen : seen.slice(0, passed);
  return {
    knee: {
      perSecond: kept.at(-1)?.perSecond ?? 0,
      passedAt: seen[passed]?.perSecond ?? null,
      limits: load.knee,
      steps: seen,
    },
  };
}
