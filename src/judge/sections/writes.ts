import type { Result } from '../../contracts/result.ts';
import { lostWrites } from '../../std/units/lost-writes.ts';
import type { PrimaryVerdict } from '../ledger/fates.ts';
import { unknownWrites } from '../ledger/unknown-writes.ts';
import type { Coverage } from './coverage.ts';

export type WritesSection = Pick<Result, 'writes' | 'records' | 'lossPercent'>;

/** How many writes there were and what became of them; null where only the missing journals know. */
export function writesSection(
  { writes: counted, records }: PrimaryVerdict,
  { reissued, coverage }: { readonly reissued: number | null; readonly coverage: Coverage },
): WritesSection {
  const writes = { ...counted, reissued };
  if (coverage === 'none') {
    return {
      // For rows that are duplicated or corrupted, the table alone is enough.
      writes: { ...unknownWrites, duplicated: writes.duplicated, corrupted: writes.corrupted },
      records: { inserted: null, found: null, lost: null },
      lossPercent: null,
    };
  }
  const isExact = coverage === 'all';
  const lost = lostWrites(writes);
  return { writes, records, lossPercent: isExact ? percent(lost, writes.acknowledged) : null };
}

function percent(lost: number | null, acknowledged: number | null): number | null {
  if (lost === null || acknowledged === null || acknowledged === 0) return null;
  return (lost / acknowledged) * 100;
}
