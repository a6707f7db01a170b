import type { ReadBack } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import type { LoadSpec } from '../../contracts/scenario.ts';
import type { RunFacts } from '../../evidence/events/run-facts.ts';
import { endOfSending } from '../availability/outage.ts';
import type { LatenciesByKind } from '../availability/latency.ts';

export function throughputOf(
  acknowledged: number | null,
  loadMs: number | undefined,
  latencies: LatenciesByKind,
): Result['throughput'] {
  const ackedPerSecond = acknowledged === null ? null : perSecond(acknowledged, loadMs);
  return { ackedPerSecond, latencyMs: latencies.summary() };
}

/** What was sent of what was planned, while it sent. */
export function plannedRate(
  facts: Pick<RunFacts, 'loadMs' | 'stoppedMs' | 'held'>,
  { load, operations }: { readonly load: LoadSpec; readonly operations: number | null },
): Pick<Result['throughput'], 'planned'> {
  const { ratePerSecond, durationMs } = load;
  const { loadMs, stoppedMs, held } = facts;
  if (ratePerSecond === undefined || loadMs === undefined) return {};
  const endMs = endOfSending({ loadMs, stoppedMs, plannedMs: durationMs });
  const heldMs = held.reduce(
    (sum, { fromMs, untilMs }) => sum + Math.max(0, Math.min(untilMs, endMs) - fromMs),
    0,
  );
  const sentPerSecond =
    operations === null || endMs <= heldMs
      ? null
      : Math.round((operations / (endMs - heldMs)) * 100_000) / 100;
  return { planned: { perSecond: ratePerSecond, sentPerSecond } };
}

/** How fast the nodes were read back. */
export function verificationOf(readBack: ReadBack | undefined): Result['verification'] {
  if (!readBack) return null;
  const { nodes, ms } = readBack;
  const read = nodes.filter(({ status }) => status === 'read');
  const rows = read.reduce((sum, reading) => sum + reading.rows, 0);
  return { rows, nodes: read.length, ms, idsPerSecond: perSecond(rows, ms) };
}

function perSecond(count: number, ms: number | undefined): number {
  return ms === undefined || ms === 0 ? 0 : Math.round((count / ms) * 1000);
}
