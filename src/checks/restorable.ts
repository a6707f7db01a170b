import { z } from 'zod';
import type { Check } from '../contracts/evidence.ts';
import type { ArchiveResult, RestoreResult } from '../contracts/result.ts';

type Demand = 'yes' | 'no';

/** A restore of which something is not known is no good news. */
const check: Check<Demand> = {
  summary:
    'Whether a base backup of before the load and the archive of WAL give back every write of the final primary, and its state at the last fork.',
  // YAML 1.2 reads yes as text; editors and YAML 1.1 as a boolean.
  params: z
    .union([z.enum(['yes', 'no']), z.boolean()])
    .transform((given): Demand => (given === 'yes' || given === true ? 'yes' : 'no')),
  example: 'yes',
  isOfArchive: true,
  check({ result: { archive } }, demanded) {
    const { found, why } = foundIn(archive);
    const measured = archive
      ? { flaws: archive.flaws.length, restores: archive.restores.map(({ missing }) => missing) }
      : null;
    const status = found === 'unknown' ? 'unknown' : found === demanded ? 'pass' : 'fail';
    return { status, summary: `restorable: ${found}: ${why} (demanded: ${demanded})`, measured };
  },
};
export default check;

function foundIn(archive: ArchiveResult | undefined): {
  readonly found: Demand | 'unknown';
  readonly why: string;
} {
  const { reason = null, flaws = [], restores = [] } = archive ?? {};
  const bad = restores.filter(isBad);
  if (bad.length + flaws.length > 0) {
    const [first] = flaws;
    const named = first ? [`${first.segment}: ${first.what}`] : [];
    return { found: 'no', why: [...bad.map(countsOf), ...named].join('; ') };
  }
  const unknown = restores.find((each) => each.reason !== null || each.missing === null);
  if (reason === null && !unknown && restores.length > 0) {
    return { found: 'yes', why: restores.map(countsOf).join('; ') };
  }
  return { found: 'unknown', why: reason ?? unknown?.reason ?? 'nothing was restored' };
}

function isBad({ missing, extra, corrupted, isRefused }: RestoreResult): boolean {
  return isRefused || (missing ?? 0) + (extra ?? 0) + (corrupted ?? 0) > 0;
}

function countsOf({ to, reason, lsn, expected, missing, extra, corrupted }: RestoreResult): string {
  const where = lsn === null ? `to the ${to}` : `to the ${to} at ${lsn}`;
  if (reason !== null) return `${where}: ${reason}`;
  const shown = (count: number | null) => count ?? 'unknown';
  return `${where}, of ${shown(expected)} writes ${shown(missing)} are missing, ${shown(extra)} too many, ${shown(corrupted)} corrupted`;
}
