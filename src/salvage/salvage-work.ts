import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TakenEvidence } from '../contracts/evidence.ts';
import type { Registry } from '../contracts/registry.ts';
import type { Result } from '../contracts/result.ts';
import type { SalvagedRow, SalvagedTransaction, SalvageSummary } from '../contracts/salvage.ts';
import type { Plan } from '../contracts/scenario.ts';
import type { RunWorkload } from '../load/placed-workloads.ts';
import type { Session } from '../pg/session.ts';
import { messageOf } from '../std/errors.ts';
import { withoutFolder } from '../std/without-folder.ts';
import { copyServerFor } from './copy-servers.ts';
import { databaseWith } from './database-with.ts';
import { laterWal } from './later-wal.ts';
import type { LostWrite } from './lost-writes.ts';
import type { PresentRows } from './present-rows.ts';
import { nameOf } from './row-images.ts';
import { salvageRows } from './salvage-rows.ts';
import { salvageTransactions } from './salvage-transactions.ts';
import { notInWal, salvageFromWal, type WalSource } from './salvage-wal.ts';
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

type WorkOptions = SalvageOptions & { readonly workloads: readonly RunWorkload[] };

/** What is still looked for, and what came back of it so far. */
export class SalvageWork {
  readonly rows: SalvagedRow[] = [];
  readonly transactions: SalvagedTransaction[] = [];
  readonly copiesRead: string[] = [];
  readonly readIn: string[] = [];
  readonly walRead: string[] = [];
  readonly problems: string[] = [];
  salvaged = 0;
  /** Of `salvaged`. */
  fromWal = 0;
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
    options: WorkOptions,
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
      const later = await laterWal(directory, taken, all);
      this.problems.push(...later.unread.map((why) => withoutFolder(why, directory)));
      await using server = await startStandalone(data, starter, {
        laterWal: later.files,
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

  /** Decodes what is still looked for from the WAL of a taking, past its fork. */
  async readWal(
    taken: TakenEvidence,
    { directory, result, present, workloads }: WorkOptions,
  ): Promise<void> {
    const { folder, segments } = taken;
    if (segments.length === 0) return;
    const judged = result.wal?.find((each) => each.folder === folder);
    const forkLsn = judged?.forkLsn ?? taken.forkLsn;
    if (forkLsn === null) {
      const why = 'its WAL was not decoded: where its timeline forks is not known';
      this.problems.push(`${folder}: ${why}`);
      return;
    }
    try {
      for (const placed of workloads) {
        if (placed.workload.tracking !== 'rows') this.#refuseTransactions(placed);
        else await this.#decode({ directory, taken, forkLsn, placed, present });
      }
      this.walRead.push(folder);
    } catch (error) {
      const why = `its WAL was not decoded: ${withoutFolder(messageOf(error), directory)}`;
      this.problems.push(`${folder}: ${why}`);
    }
  }

  unsalvageable(): SalvageSummary['unsalvageable'] {
    const writes = new Map<string, number>();
    for (const { write, why } of this.#open) writes.set(why, (writes.get(why) ?? 0) + write.writes);
    return [...writes].map(([why, count]) => ({ why, writes: count }));
  }

  async #readWorkload(placed: RunWorkload, copy: Session, present: PresentRows): Promise<void> {
    const own = this.#openOf(placed);
    if (own.length === 0) return;
    const search = placed.workload.tracking === 'rows' ? salvageRows : salvageTransactions;
    const writes = own.map(({ write }) => write);
    const found: Salvaged = await search({ placed, copy, present }, writes);
    this.rows.push(...found.rows);
    this.transactions.push(...found.transactions);
    this.salvaged += found.writes;
    this.#leave(placed, found.missing);
  }

  async #decode(source: WalSource): Promise<void> {
    const { placed, taken } = source;
    const own = this.#openOf(placed);
    if (own.length === 0) return;
    const found = await salvageFromWal(
      source,
      own.map(({ write }) => write),
    );
    this.#addFromWal(found.rows);
    this.salvaged += found.writes;
    this.fromWal += found.writes;
    // What another taking's WAL says of a row says more than that this one has nothing of it.
    const before = new Map(own.map(({ write, why }) => [write, why]));
    const isFirst = this.walRead.length === 0;
    const missing = found.missing.map(({ write, why }) => {
      const former = why === notInWal && !isFirst ? before.get(write) : undefined;
      return { write, why: former ?? why };
    });
    this.#leave(placed, missing);
    if (missing.length === 0) return;
    for (const [why, count] of found.notDecoded) {
      this.problems.push(`${taken.folder}: not decoded from its WAL: ${count} rows: ${why}`);
    }
  }

  /** A row of which a copy has an older version is one row still. */
  #addFromWal(found: readonly SalvagedRow[]): void {
    const places = new Map(this.rows.map((row, at) => [placeOf(row), at]));
    for (const row of found) {
      const at = places.get(placeOf(row));
      const older = at === undefined ? undefined : this.rows[at];
      if (at === undefined || !older) this.rows.push(row);
      else if (older.kind === 'insert' && row.kind === 'update') {
        const conflict = row.conflict === 'deleted' ? 'absent' : row.conflict;
        this.rows[at] = { ...row, kind: 'insert', conflict };
      } else this.rows[at] = row;
    }
  }

  #refuseTransactions(placed: RunWorkload): void {
    const { workload } = placed.load;
    const why = `rows of ${workload} are not decoded from WAL: Forkpoint does not know the columns of its tables`;
    this.#leave(
      placed,
      this.#openOf(placed).map(({ write }) => ({ write, why })),
    );
  }

  #openOf(placed: RunWorkload): readonly Missing[] {
    return this.#open.filter(({ write }) => placed.has(write.writer));
  }

  /** What of a workload is still looked for. */
  #leave(placed: RunWorkload, missing: readonly Missing[]): void {
    this.#open = [...this.#open.filter(({ write }) => !placed.has(write.writer)), ...missing];
  }
}

function placeOf({ table, key }: SalvagedRow): string {
  return `${nameOf(table)} ${key}`;
}
