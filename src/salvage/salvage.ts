import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TakenEvidence } from '../contracts/evidence.ts';
import type { Registry } from '../contracts/registry.ts';
import type { Result } from '../contracts/result.ts';
import type { SalvagedRow, SalvagedTransaction, SalvageSummary } from '../contracts/salvage.ts';
import type { Plan } from '../contracts/scenario.ts';
import { evidenceFolder, readEvidence } from '../evidence/forensics/read-evidence.ts';
import { storedLostRanges } from '../evidence/store/lost-ranges.ts';
import { placedWorkloads, type RunWorkload } from '../load/placed-workloads.ts';
import type { Session } from '../pg/session.ts';
import { messageOf } from '../std/errors.ts';
import { monotonicMs } from '../std/wait.ts';
import { withoutFolder } from '../std/without-folder.ts';
import { copyServerFor } from './copy-servers.ts';
import { databaseWith } from './database-with.ts';
import { laterWal } from './later-wal.ts';
import { firstLostWrites, type LostWrite, mostLostWrites } from './lost-writes.ts';
import type { PresentRows } from './present-rows.ts';
import { putRowsBack, putTransactionsBack } from './put-back.ts';
import { writeSalvage } from './salvage-files.ts';
import { salvageRows } from './salvage-rows.ts';
import { salvageTransactions } from './salvage-transactions.ts';
import type { Missing, Salvaged } from './salvaging.ts';
import { startStandalone } from './standalone.ts';

export interface SalvageOptions {
  /** Of the run; its files go into `evidence/` there. */
  readonly directory: string;
  readonly plan: Plan;
  readonly result: Result;
  readonly registry: Registry;
  readonly present: PresentRows;
  /** Aborted: what is not found yet is not looked for, and the server of the copy ends. */
  readonly signal?: AbortSignal;
}

/**
 * Finds the lost writes of a run in the copies that were taken of old primaries, and writes what it found. A copy that cannot be read
 * is a problem in the summary.
 * Errors: those of readEvidence and storedLostRanges; EnvironmentError when the files cannot be written.
 */
export async function salvage(options: SalvageOptions): Promise<SalvageSummary> {
  const startedMs = monotonicMs();
  const { directory, plan, result, registry } = options;
  const { writes, leftOut } = firstLostWrites(storedLostRanges(directory, result));
  const all = await readEvidence(directory);
  const copies = all.filter(({ copyBytes }) => copyBytes !== null);
  const work = new Work(writes);
  // The last taking of a node has what earlier ones have.
  for (const taken of copies.toReversed()) {
    if (work.isDone || options.signal?.aborted === true) break;
    const workloads = placedWorkloads(plan, result.runId, registry);
    await work.read(taken, all, { ...options, workloads });
  }
  if (copies.length === 0) work.problems.push('no copy of a data directory was taken');
  const { rows, transactions, copiesRead, readIn, problems } = work;
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
    problems,
    ms: Math.round(monotonicMs() - startedMs),
  };
  const sql = heading(summary) + files.map(({ text }) => text).join('');
  await writeSalvage(path.join(directory, evidenceFolder), flat, { sql, summary });
  return summary;
}

class Work {
  readonly rows: SalvagedRow[] = [];
  readonly transactions: SalvagedTransaction[] = [];
  readonly copiesRead: string[] = [];
  readonly readIn: string[] = [];
  readonly problems: string[] = [];
  salvaged = 0;
  #open: readonly Missing[];

  constructor(writes: readonly LostWrite[]) {
    this.#open = writes.map((write) => ({ write, why: 'no copy could be read' }));
  }

  get isDone(): boolean {
    return this.#open.length === 0;
  }

  async read(
    taken: TakenEvidence,
    all: readonly TakenEvidence[],
    options: SalvageOptions & { readonly workloads: readonly RunWorkload[] },
  ): Promise<void> {
    const { directory, plan, registry, present, signal, workloads } = options;
    const data = path.join(directory, taken.folder, 'data');
    if (!existsSync(data)) {
      const gone = 'its copy is not in this copy of the run: a bundle leaves it out';
      this.problems.push(`${taken.folder}: ${gone}`);
      return;
    }
    try {
      const version = (await readFile(path.join(data, 'PG_VERSION'), 'utf8')).trim();
      const { image } = taken;
      const wanted = { version, ...(image && { image }) };
      const starter = await copyServerFor(wanted, registry, plan.backend);
      await using server = await startStandalone(data, starter, {
        laterWal: await laterWal(directory, taken, all),
        signal,
      });
      const schema = workloads[0]?.context.schema ?? '';
      await using copy = await server.session(await databaseWith(server, schema));
      for (const placed of workloads) await this.#readWorkload(placed, copy, present);
      this.copiesRead.push(taken.folder);
      this.readIn.push(starter.where);
    } catch (error) {
      this.problems.push(`${taken.folder}: ${withoutFolder(messageOf(error), directory)}`);
    }
  }

  unsalvageable(): SalvageSummary['unsalvageable'] {
    const writes = new Map<string, number>();
    for (const { write, why } of this.#open) writes.set(why, (writes.get(why) ?? 0) + write.writes);
    return [...writes].map(([why, count]) => ({ why, writes: count }));
  }

  async #readWorkload(placed: RunWorkload, copy: Session, present: PresentRows): Promise<void> {
    const own = this.#open.filter(({ write }) => placed.has(write.writer));
    if (own.length === 0) return;
    const search = placed.workload.tracking === 'rows' ? salvageRows : salvageTransactions;
    const writes = own.map(({ write }) => write);
    const found: Salvaged = await search({ placed, copy, present }, writes);
    this.rows.push(...found.rows);
    this.transactions.push(...found.transactions);
    this.salvaged += found.writes;
    this.#open = [...this.#open.filter((each) => !own.includes(each)), ...found.missing];
  }
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
