import type { Ranges } from '../../src/contracts/evidence.ts';
import { ancestryOf } from '../../src/judge/causes/ancestry.ts';
import { writesPastFork } from '../../src/judge/causes/attribute.ts';
import { journalPaths } from '../../src/evidence/journal/journal.ts';
import { judgePrimary } from '../../src/judge/ledger/fates.ts';
import { buildLedger } from '../../src/judge/ledger/ledger.ts';
import { normalize } from '../../src/std/ranges.ts';
import { readStoredRun } from '../../src/evidence/store/read-run.ts';

type RowsOfWriters = readonly (readonly [writer: number, rows: Ranges])[];

/** Acknowledged inserts of a stored run: those past the fork by their LSN, and those that reading did not find. */
export async function pastForkAndLost(
  directory: string,
): Promise<{ readonly pastFork: RowsOfWriters; readonly lost: RowsOfWriters }> {
  const { plan, readBack } = await readStoredRun(directory);
  const ancestry = readBack && ancestryOf(readBack);
  if (!ancestry) throw new Error(`${directory}: the final primary's history is not known`);
  const paths = journalPaths(directory);
  const ledger = buildLedger(paths, { writers: plan.scenario.load.clients });
  const primary = readBack.nodes.find(({ node }) => node === readBack.primary);
  const lost = judgePrimary(ledger, primary).lost.filter(({ kind }) => kind === 'insert');
  const byWriter = Map.groupBy(lost, ({ writer }) => writer);
  return {
    pastFork: sorted(writesPastFork(paths, ancestry).rows),
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

function sorted(rows: ReadonlyMap<number, Ranges>): RowsOfWriters {
  return [...rows].sort(([a], [b]) => a - b);
}
