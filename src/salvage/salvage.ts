import path from 'node:path';
import type { SalvagedRow, SalvageSummary } from '../contracts/salvage.ts';
import { evidenceFolder, readEvidence } from '../evidence/forensics/read-evidence.ts';
import { storedLostRanges } from '../evidence/store/lost-ranges.ts';
import { placedWorkloads } from '../load/placed-workloads.ts';
import { monotonicMs } from '../std/wait.ts';
import { firstLostWrites, type LostWrite, mostLostWrites } from './lost-writes.ts';
import { putRowsBack, putTransactionsBack } from './put-back.ts';
import { writeSalvage } from './salvage-files.ts';
import { type SalvageOptions, SalvageWork } from './salvage-work.ts';

/**
 * Finds the lost writes of a run in the copies that were taken of old primaries, and what is in none in their WAL, and writes what it found. A
 * copy or WAL that cannot be read is a problem in the summary.
 * Errors: those of readEvidence and storedLostRanges; EnvironmentError when the files cannot be written.
 */
export async function salvage(options: SalvageOptions): Promise<SalvageSummary> {
  const startedMs = monotonicMs();
  const { directory, plan, result, registry } = options;
  const { writes, leftOut } = firstLostWrites(storedLostRanges(directory, result));
  const all = await readEvidence(directory);
  const copies = all.filter(({ copyBytes }) => copyBytes !== null);
  const work = new SalvageWork(writes);
  const withWorkloads = {
    ...options,
    workloads: placedWorkloads(plan, result.runId, registry),
  };
  // The last taking of a node has what earlier ones have.
  for (const taken of copies.toReversed()) {
    if (work.isDone || options.signal?.aborted === true) break;
    await work.read(taken, all, withWorkloads);
  }
  if (copies.length === 0) work.problems.push('no copy of a data directory was taken');
  for (const taken of all.toReversed()) {
    if (work.isDone || options.signal?.aborted === true) break;
    await work.readWal(taken, withWorkloads);
  }
  const { rows, transactions, copiesRead, readIn, walRead, fromWal, problems } = work;
  const files = [putRowsBack(rows), putTransactionsBack(transactions)];
  const flat = [...rows, ...transactions.flatMap((each) => each.rows)];
  const summary: SalvageSummary = {
    schemaVersion: 1,
    runId: result.runId,
    lost: sumOf(writes) + leftOut,
    salvaged: work.salvaged,
    unsalvageable: [
      ...work.unsalvageable(),
      ...(leftOut > 0 ? [{ why: `beyond the first ${mostLostWrites}`, writes: leftOut }] : []),
    ],
    notAsSent: flat.filter(({ isAsSent }) => isAsSent === false).length,
    rows: flat.length,
    conflicts: countsOf(flat),
    putBack: files.reduce((sum, { writes }) => sum + writes, 0),
    copies: copiesRead,
    readIn,
    fromWal,
    walRead,
    problems,
    ms: Math.round(monotonicMs() - startedMs),
  };
  const sql = heading(summary) + files.map(({ text }) => text).join('');
  await writeSalvage(path.join(directory, evidenceFolder), flat, { sql, summary });
  return summary;
}

function sumOf(writes: readonly LostWrite[]): number {
  return writes.reduce((sum, write) => sum + write.writes, 0);
}

function countsOf(rows: readonly SalvagedRow[]): SalvageSummary['conflicts'] {
  const counts: Record<string, number> = {};
  for (const { conflict } of rows) counts[conflict] = (counts[conflict] ?? 0) + 1;
  return counts;
}

function heading({ runId, lost, salvaged, putBack }: SalvageSummary): string {
  return `-- Forkpoint run ${runId}: ${salvaged} of ${lost} lost writes were salvaged; this puts ${putBack} of them back.
-- For psql, on the primary. It changes only what is still as it was at the end of the run: to run it twice changes nothing more.
`;
}
