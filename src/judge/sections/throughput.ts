import type { ReadBack } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import type { LatenciesByKind } from '../availability/latency.ts';

export function throughputOf(
  acknowledged: number | null,
  loadMs: number | undefined,
  latencies: LatenciesByKind,
): Result['throughput'] {
  const ackedPerSecond = acknowledged === null ? null : perSecond(acknowledged, loadMs);
  return { ackedPerSecond, latencyMs: latencies.summary() };
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
