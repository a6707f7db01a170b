import type { SalvagedRow, SalvagedTransaction, SalvageTable } from '../contracts/salvage.ts';
import { conflictOfRow, conflictOfTracked } from './conflict.ts';
import type { LostWrite } from './lost-writes.ts';
import { type RowImage, rowsByKey, rowsByTransaction, tablesOf } from './row-images.ts';
import { isAsSent, trackedTableOf } from './salvage-rows.ts';
import { keyOf, noSuchRow, type Salvaged, type Sources } from './salvaging.ts';

/**
 * Finds lost transactions of one's own SQL: the witness row names the transaction, and each row of any table whose newest version it
 * wrote is its. What it deleted, and what a later lost transaction wrote again, is not to be seen.
 * Errors: ClusterError, SqlError.
 */
export async function salvageTransactions(
  sources: Sources,
  writes: readonly LostWrite[],
): Promise<Salvaged> {
  const { copy, present, placed } = sources;
  const witness = await trackedTableOf(sources);
  const wanted = writes.map(keyOf);
  const lost = await rowsByKey(copy, witness, wanted);
  const now = await present(witness, wanted);
  const xids = [...lost.values()].map(({ xid }) => xid);
  const others = await rowsOf(sources, witness, xids);
  const transactions: SalvagedTransaction[] = [];
  for (const write of writes) {
    const key = keyOf(write);
    const image = lost.get(key);
    if (!image) continue;
    const { writer, seq } = write;
    const about = { writer, seq, kind: 'insert', xid: image.xid } as const;
    const own: SalvagedRow = {
      ...about,
      table: witness,
      key,
      lost: image.image,
      present: now?.get(key)?.image ?? null,
      conflict: now ? conflictOfTracked('insert', image, now.get(key)) : 'unknown',
      isAsSent: isAsSent(write, image),
    };
    const rest = others.get(image.xid) ?? [];
    const rows = [...rest.map(({ row }) => ({ ...row, ...about })), own];
    const commands = new Set(rest.map(({ image: { command } }) => command));
    transactions.push({ rows, isComplete: hasAll(commands, image.command) });
  }
  const missing = writes
    .filter((write) => !lost.has(keyOf(write)))
    .map((write) => ({ write, why: `${noSuchRow} in ${placed.context.schema}.witness` }));
  return { rows: [], transactions, writes: transactions.length, missing };
}

interface RowOfTransaction {
  readonly image: RowImage;
  readonly row: Omit<SalvagedRow, 'writer' | 'seq' | 'kind' | 'xid'>;
}

/** Of the user's tables, by the transaction that wrote them last. */
async function rowsOf(
  { placed: { context }, copy, present }: Sources,
  witness: SalvageTable,
  xids: readonly string[],
): Promise<ReadonlyMap<string, readonly RowOfTransaction[]>> {
  const found = new Map<string, RowOfTransaction[]>();
  const first = xids.reduce((least, xid) => Math.min(least, Number(xid)), Infinity);
  const all = await tablesOf(copy, (schema) => schema === context.schema);
  const isOwn = ({ schema, name }: SalvageTable) =>
    schema === witness.schema && ['run', witness.name].includes(name);
  for (const table of all.filter((each) => !isOwn(each))) {
    const images = await rowsByTransaction(copy, table, xids);
    const now =
      images.length > 0
        ? await present(
            table,
            images.map(({ key }) => key),
          )
        : undefined;
    for (const image of images) {
      const there = now?.get(image.key);
      const conflict = now ? conflictOfRow(image, there, first) : 'unknown';
      const row = {
        table,
        key: image.key,
        lost: image.image,
        present: there?.image ?? null,
        conflict,
        isAsSent: null,
      };
      found.set(image.xid, [...(found.get(image.xid) ?? []), { image, row }]);
    }
  }
  return found;
}

/** Every statement that writes takes a number of its own; the witness's is the last. Source: PostgreSQL, execMain.c. */
function hasAll(commands: ReadonlySet<number>, witness: number): boolean {
  for (let command = 0; command < witness; command++) if (!commands.has(command)) return false;
  return true;
}
