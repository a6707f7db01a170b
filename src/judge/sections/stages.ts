import type { NodeReading, ReadBack } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import { count } from '../../std/ranges.ts';
import { survivingRows } from '../ledger/fates.ts';
import type { Ledger } from '../ledger/ledger.ts';

interface StageSources {
  readonly writes: Result['writes'];
  readonly readBack: ReadBack | undefined;
  readonly primary: NodeReading | undefined;
}

/** How far acknowledged inserts came: onto the primary, and onto each replica. */
export function stagesOf(
  ledger: Ledger,
  { writes, readBack, primary }: StageSources,
): Result['stages'] {
  const foundOn = (reading: NodeReading): number | null => {
    if (reading.status !== 'read' || writes.acknowledged === null) return null;
    const rows = ledger.writers().map((writer) => count(survivingRows(ledger, writer, reading)));
    return rows.reduce((sum, each) => sum + each, 0);
  };
  const replicas = (readBack?.nodes ?? []).filter(({ node }) => node !== readBack?.primary);
  return {
    attempted: writes.attempted,
    acknowledged: writes.acknowledged,
    onPrimary: primary ? foundOn(primary) : null,
    onReplicas: Object.fromEntries(replicas.map((reading) => [reading.node, foundOn(reading)])),
  };
}
