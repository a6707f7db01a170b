import type { Ranges } from '../../src/contracts/evidence.ts';
import { ancestryOf, leavesAt, type Ancestry } from '../../src/judge/causes/ancestry.ts';
import type { RecordCursor } from '../../src/evidence/journal/cursor.ts';
import { KIND, OUTCOME } from '../../src/evidence/journal/format.ts';
import { journalPaths } from '../../src/evidence/journal/journal.ts';
import { readJournal } from '../../src/evidence/journal/reader.ts';
import { judgePrimary } from '../../src/judge/ledger/fates.ts';
import { buildLedger } from '../../src/judge/ledger/ledger.ts';
import { normalize } from '../../src/std/ranges.ts';
import { readStoredRun } from '../../src/evidence/store/read-run.ts';

type RowsOfWriters = readonly (readonly [writer: number, rows: Ranges])[];

/** Acknowledged inserts of a stored run: those past the fork point by their LSN, and those that the read-back did not find. */
export async function pastForkAndLost(
  directory: string,
): Promise<{ readonly pastFork: RowsOfWriters; readonly lost: RowsOfWriters }> {
  const { plan, readBack } = await readStoredRun(directory);
  const ancestry = readBack && ancestryOf(readBack);
  if (!ancestry) throw new Error(`${directory}: the final primary's history is not known`);
  const paths = journalPaths(directory);
  const ledger = buildLedger(paths, { writers: plan.scenario.load.clients });
  const primary = readBack.nodes.find(({ node }) => node === readBack.primary);
  const lost = [...judgePrimary(ledger, primary).lost].filter(({ kind }) => kind === 'insert');
  const byWriter = Map.groupBy(lost, ({ writer }) => writer);
  return {
    pastFork: sorted(insertsPastFork(paths, ancestry)),
    lost: sorted(
      new Map(
        [...byWriter].map(([writer, ranges]) => [
          writer,
          normalize(ranges.map(({ from, to }) => [from, to])),
        ]),
      ),
    ),
  };
}

export interface WriteBeforeFork {
  readonly writer: number;
  readonly seq: number;
  /** WAL from its position to the fork point. */
  readonly bytesBefore: number;
}

/**
 * The last acknowledged single-row inserts whose position lies before the only fork, and that were answered before another
 * such write was sent: no position can excuse that one of them is gone.
 */
export async function lastBeforeFork(
  directory: string,
  count: number,
): Promise<readonly WriteBeforeFork[]> {
  const { readBack } = await readStoredRun(directory);
  const ancestry = readBack && ancestryOf(readBack);
  const [fork, ...others] = ancestry?.leftAt ?? [];
  if (!fork || others.length > 0) throw new Error(`${directory}: not one fork`);
  const [timeline, forkLsn] = fork;
  const before: (WriteBeforeFork & { readonly sentUs: number; readonly answeredUs: number })[] = [];
  const record = (cursor: RecordCursor): void => {
    const { kind, outcome, writer, seq, lsn, sentUs, answeredUs } = cursor;
    if (kind !== KIND.insert || outcome !== OUTCOME.acknowledged || lsn === 0) return;
    if (cursor.timeline !== timeline || lsn >= forkLsn) return;
    before.push({ writer, seq, bytesBefore: forkLsn - lsn, sentUs, answeredUs });
  };
  for (const file of journalPaths(directory)) readJournal(file, {}, { record });
  const newest = before.toSorted((a, b) => a.bytesBefore - b.bytesBefore);
  const lastSentUs = Math.max(...newest.slice(0, 50).map(({ sentUs }) => sentUs));
  return newest
    .filter(({ answeredUs }) => answeredUs < lastSentUs)
    .slice(0, count)
    .map(({ writer, seq, bytesBefore }) => ({ writer, seq, bytesBefore }));
}

function sorted(rows: ReadonlyMap<number, Ranges>): RowsOfWriters {
  return [...rows].sort(([a], [b]) => a - b);
}

/** Acknowledged inserts past the fork, by LSN alone, without a look at any row: what should be lost. */
function insertsPastFork(
  paths: readonly string[],
  ancestry: Ancestry,
): ReadonlyMap<number, Ranges> {
  const rows = new Map<number, [number, number][]>();
  const record = ({ kind, outcome, writer, seq, count, lsn, timeline }: RecordCursor): void => {
    if (kind !== KIND.insert || outcome !== OUTCOME.acknowledged || lsn === 0) return;
    const fork = leavesAt(ancestry, timeline);
    if (fork !== undefined && lsn < fork) return;
    const ranges = rows.get(writer) ?? [];
    ranges.push([seq, seq + count - 1]);
    rows.set(writer, ranges);
  };
  for (const path of paths) readJournal(path, {}, { record });
  return new Map([...rows].map(([writer, ranges]) => [writer, normalize(ranges)]));
}
