import type { NodeReading, ReadBack } from '../../contracts/evidence.ts';
import type { LossSummary, OldPrimaryWal, Result } from '../../contracts/result.ts';
import { count } from '../../std/ranges.ts';
import { lastTakings } from '../../std/units/wal-takings.ts';
import { survivingRows } from '../ledger/fates.ts';
import type { Ledger } from '../ledger/ledger.ts';

interface StageSources {
  readonly writes: Result['writes'];
  readonly readBack: ReadBack | undefined;
  readonly primary: NodeReading | undefined;
  readonly wal: Result['wal'];
  /** Places of the lost writes, by cause. */
  readonly lossSummary: LossSummary;
  readonly downstream: Result['downstream'];
}

/** How far acknowledged writes came: into the WAL of an old primary, onto its disk; inserts onto the primary, each replica and consumer. */
export function stagesOf(
  ledger: Ledger,
  { writes, readBack, primary, wal, lossSummary, downstream }: StageSources,
): Result['stages'] {
  const foundOn = (reading: NodeReading): number | null => {
    if (reading.status !== 'read' || writes.acknowledged === null) return null;
    const rows = ledger.writers().map((writer) => count(survivingRows(ledger, writer, reading)));
    return rows.reduce((sum, each) => sum + each, 0);
  };
  const replicas = (readBack?.nodes ?? []).filter(({ node }) => node !== readBack?.primary);
  const written = writtenOf(writes.acknowledged, wal ?? []);
  return {
    attempted: writes.attempted,
    acknowledged: writes.acknowledged,
    written,
    flushed: flushedOf({ acknowledged: writes.acknowledged, written }, lossSummary),
    onPrimary: primary ? foundOn(primary) : null,
    onReplicas: Object.fromEntries(replicas.map((reading) => [reading.node, foundOn(reading)])),
    ...(downstream && {
      atConsumers: Object.fromEntries(downstream.map(({ name, delivered }) => [name, delivered])),
    }),
  };
}

function writtenOf(acknowledged: number | null, wal: readonly OldPrimaryWal[]): number | null {
  const last = lastTakings(wal);
  if (acknowledged === null || last.length === 0) return null;
  const missing = last.map((each) => {
    return each.acknowledged === null || each.written === null
      ? NaN
      : each.acknowledged - each.written;
  });
  const written = acknowledged - missing.reduce((sum, each) => sum + each, 0);
  return Number.isNaN(written) ? null : written;
}

/** Where no WAL was taken, only a server that came back without its end shows what it had flushed. */
function flushedOf(
  { acknowledged, written }: Pick<Result['stages'], 'acknowledged' | 'written'>,
  { places }: LossSummary,
): number | null {
  const unflushed = places.filter(({ cause }) => cause === 'unflushed');
  const before = written ?? (unflushed.length > 0 ? acknowledged : null);
  const isExact = places.every(({ cause }) => cause !== null) && !unflushed.some(isAtMost);
  if (before === null || !isExact) return null;
  return Math.max(
    0,
    unflushed.reduce((left, { writes }) => left - writes, before),
  );
}

const isAtMost = (place: LossSummary['places'][number]) => place.isAtMost === true;
