import type { ReadBack } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import type { LoadSpec } from '../../contracts/scenario.ts';
import type { RunFacts } from '../../evidence/events/run-facts.ts';
import { RateProfile } from '../../scenario/words/rate-profile.ts';
import { endOfSending } from '../availability/outage.ts';
import type { LatenciesByKind } from '../availability/latency.ts';

interface LoadEvidence {
  readonly load: LoadSpec;
  /** Acknowledged writes; null: not known. */
  readonly acknowledged: number | null;
  /** Of all journals; null: not all of them are whole. */
  readonly operations: number | null;
  readonly latencies: Pick<LatenciesByKind, 'summary' | 'warmup'>;
}

/** How fast the database answered: without what was due in the warm-up. */
export function throughputOf(
  facts: Pick<RunFacts, 'loadMs' | 'stoppedMs' | 'held'>,
  evidence: LoadEvidence,
): Result['throughput'] {
  const { load, operations, latencies } = evidence;
  const { warmupMs } = load;
  const common = {
    latencyMs: latencies.summary(),
    ...plannedRate(facts, { load, operations }),
    ...(load.operations !== undefined && {
      operations: { asked: load.operations, done: operations },
    }),
  };
  const exact = exactPerSecond(facts, evidence);
  const ackedPerSecond = exact === null ? null : Math.round(exact);
  if (warmupMs === undefined) return { ackedPerSecond, ...common };
  return { ackedPerSecond, ...common, warmup: { ms: warmupMs, ...latencies.warmup } };
}

/** Acknowledged writes per second, after the warm-up, not rounded: what a demand is held against. null: not known. */
export function exactPerSecond(
  { loadMs }: Pick<RunFacts, 'loadMs'>,
  { load: { warmupMs }, acknowledged, latencies }: Omit<LoadEvidence, 'operations'>,
): number | null {
  if (acknowledged === null) return null;
  if (warmupMs === undefined) return perSecond(acknowledged, loadMs);
  if (loadMs === undefined || loadMs <= warmupMs) return null;
  return perSecond(acknowledged - latencies.warmup.acknowledged, loadMs - warmupMs);
}

/** What was sent of what was planned, while it sent. */
export function plannedRate(
  facts: Pick<RunFacts, 'loadMs' | 'stoppedMs' | 'held'>,
  { load, operations }: Pick<LoadEvidence, 'load' | 'operations'>,
): Pick<Result['throughput'], 'planned'> {
  const { ratePerSecond, durationMs } = load;
  const { loadMs, stoppedMs, held } = facts;
  if (ratePerSecond === undefined || loadMs === undefined) return {};
  const endMs = endOfSending({ loadMs, stoppedMs, plannedMs: durationMs });
  const heldMs = held.reduce(
    (sum, { fromMs, untilMs }) => sum + Math.max(0, Math.min(untilMs, endMs) - fromMs),
    0,
  );
  const sentMs = endMs - heldMs;
  const sentPerSecond =
    operations === null || sentMs <= 0 ? null : Math.round((operations / sentMs) * 100_000) / 100;
  const ofStages = load.stages && new RateProfile(load.stages).offeredBy(sentMs * 1000);
  const planned =
    ofStages === undefined || sentMs <= 0
      ? ratePerSecond
      : Math.round((ofStages / sentMs) * 100_000) / 100;
  return { planned: { perSecond: planned, sentPerSecond } };
}

/** How fast the nodes were read back. */
export function verificationOf(readBack: ReadBack | undefined): Result['verification'] {
  if (!readBack) return null;
  const { nodes, ms } = readBack;
  const read = nodes.filter(({ status }) => status === 'read');
  const rows = read.reduce((sum, reading) => sum + reading.rows, 0);
  return { rows, nodes: read.length, ms, idsPerSecond: Math.round(perSecond(rows, ms)) };
}

function perSecond(count: number, ms: number | undefined): number {
  return ms === undefined || ms === 0 ? 0 : (count / ms) * 1000;
}
