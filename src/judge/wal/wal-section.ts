import type { OldPrimaryWal, Result } from '../../contracts/result.ts';
import { KIND, OUTCOME } from '../../evidence/journal/format.ts';
import { LostIndex } from '../../evidence/journal/lost-index.ts';
import { formatLsn } from '../../std/units/lsn.ts';
import { count } from '../../std/ranges.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LostLog } from '../ledger/lost-log.ts';
import { JournaledWrites, type PlacedWrite } from './journaled-writes.ts';
import { firstPosition, placeWrites, type PlacedWal } from './old-wal.ts';
import type { TakenWal } from './taken-wal.ts';

const missingNamed = 20;

/** A taking with what its node acknowledged near and past the fork: a visitor of the run's journals. */
export interface JournaledWal extends TakenWal {
  readonly journaled?: JournaledWrites;
}

export function journaledWal(all: readonly TakenWal[]): readonly JournaledWal[] {
  return all.map((each) => {
    const { wal, taken } = each;
    if (!wal) return each;
    const place = { node: taken.node, timeline: wal.timeline, fromLsn: firstPosition(wal) };
    return { ...each, journaled: new JournaledWrites(place) };
  });
}

/** Acknowledged past the fork, in the WAL, lost: where the three differ, the stage is named. `lost`: undefined if not read. */
export function walSection(
  all: readonly JournaledWal[],
  lost: LostLog | undefined,
  ledger?: Pick<Ledger, 'writer'>,
): Result['wal'] {
  if (all.length === 0) return null;
  const index = lost && new LostIndex(lost);
  return all.map((each) => {
    const { taken, wal, journaled } = each;
    const placed = wal && journaled && placeWrites(wal, journaled.writes, taken.takenAtMs);
    const short = placed && endsBefore(each, placed);
    const counts = countsOf(short === undefined ? placed : undefined, index, ledger);
    return { ...headOf(each, short), ...counts };
  });
}

/**
 * Why the WAL is not all that its server wrote until it was taken; undefined: it may be. A standby that follows another server on a
 * timeline of the same number writes that one's WAL into the same files, from the beginning of the segment on.
 */
function endsBefore({ taken, wal }: JournaledWal, { missing }: PlacedWal): string | undefined {
  const last = acknowledged(missing).reduce((most, { lsn }) => Math.max(most, lsn), 0);
  if (wal?.end === undefined || last < wal.end) return undefined;
  return (
    `it ends at ${formatLsn(wal.end)}, before what ${taken.node} had acknowledged by then (up to ${formatLsn(last)}): ` +
    'WAL of another server was written over it, or its server came back without the rest'
  );
}

function headOf({ taken, wal, problem }: JournaledWal, short: string | undefined) {
  const { node, folder, timeline, forkLsn } = taken;
  const endLsn = wal?.end === undefined ? null : formatLsn(wal.end);
  return { node, folder, timeline, forkLsn, endLsn, problem: problem ?? short ?? null };
}

type Counts = Omit<OldPrimaryWal, keyof ReturnType<typeof headOf>>;

function countsOf(
  placed: PlacedWal | undefined,
  lost: LostIndex | undefined,
  ledger: Pick<Ledger, 'writer'> | undefined,
): Counts {
  if (!placed) {
    const unknown = { acknowledged: null, written: null, lost: null };
    return { commits: null, aborts: null, ...unknown, missing: [] };
  }
  const { transactions, missing } = placed;
  const held = acknowledged(transactions.flatMap(({ write }) => (write ? [write] : [])));
  const never = acknowledged(missing);
  const past = [...held, ...never];
  const commits = transactions.filter(({ transaction }) => transaction.kind === 'commit').length;
  return {
    commits,
    aborts: transactions.length - commits,
    acknowledged: rowsOf(past),
    written: rowsOf(held),
    lost: lost ? lostOf(past, lost) : null,
    overwritten: lost && ledger ? overwritten(past, lost, ledger) : null,
    missing: never
      .slice(0, missingNamed)
      .map(({ writer, seq, lsn }) => ({ writer, seq, lsn: formatLsn(lsn) })),
  };
}

/** A client that was warned was promised nothing. */
function acknowledged(writes: readonly PlacedWrite[]): readonly PlacedWrite[] {
  return writes.filter(({ outcome }) => outcome === 'acknowledged');
}

function rowsOf(writes: readonly PlacedWrite[]): number {
  return writes.reduce((sum, write) => sum + write.count, 0);
}

/** Updates that are not lost by the row's version, for a later one is there or was tried. */
function overwritten(
  writes: readonly PlacedWrite[],
  lost: LostIndex,
  ledger: Pick<Ledger, 'writer'>,
): number {
  const later = writes.filter(({ kind, writer, seq, version }) => {
    const last = ledger.writer(writer)?.updates.chain(seq)?.attempted ?? 0;
    return kind === 'update' && last > version;
  });
  return rowsOf(later) - lostOf(later, lost);
}

function lostOf(writes: readonly PlacedWrite[], lost: LostIndex): number {
  return writes.reduce((sum, { kind, outcome, ...write }) => {
    const operation = { ...write, kind: KIND[kind], outcome: OUTCOME[outcome] };
    return sum + count(lost.lostOf(operation));
  }, 0);
}
