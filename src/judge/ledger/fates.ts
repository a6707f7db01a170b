import type { NodeReading, Outcome, Ranges, WriterReading } from '../../contracts/evidence.ts';
import type { Result, Writes } from '../../contracts/result.ts';
import { HarnessBug } from '../../std/errors.ts';
import type { Ledger } from './ledger.ts';
import { insertedRange } from './ledger.ts';
import { judgeChain, type FoundRow } from './row-versions.ts';
import { LostLog } from './lost-log.ts';
import { Tally, type UnexpectedRows } from './tally.ts';
import { unknownWrites } from './unknown-writes.ts';
import type { WriterLedger } from './writer-ledger.ts';
import { clip, contains, count, intersect, NOTHING, subtract, union } from '../../std/ranges.ts';

/** What the clients were told, in writes. */
type Outcomes = Readonly<Record<'attempted' | Outcome, number>>;

/** What became of every write on the primary. docs/verdicts.md is the definition in words. */
export interface PrimaryVerdict {
  /** False when the primary was not read: then all fates are null, and nothing is lost or durable. */
  readonly isJudged: boolean;
  readonly reason: string | null;
  readonly writes: Writes & Outcomes;
  readonly records: Result['records'];
  /**
   * Unexpected rows that no write explains. All fates (with `undecided`) sum to writes.attempted + strangers;
   * duplicated, corrupted and reissued are said of what is present, on top.
   */
  readonly strangers: number;
  /** Acknowledged writes whose row is gone, where an unfinished journal may hide a delete: not called lost. */
  readonly undecided: number;
  /** lost, lostUpdates, lostDeletes and lostLocalOnly, by rows; tell them apart by `outcome`, `kind` and `isRowGone`. */
  readonly lost: LostLog;
  readonly unexpected: readonly UnexpectedRows[];
  readonly duplicated: readonly { writer: number; seq: number; copies: number }[];
  readonly corrupted: readonly { writer: number; seq: number }[];
}

/**
 * Gives every write its fate: a total function of the client's outcomes and the rows on the primary.
 * Counted in writes: one row of one operation is one write.
 */
export function judgePrimary(ledger: Ledger, reading: NodeReading | undefined): PrimaryVerdict {
  if (reading?.status !== 'read') {
    return unread(ledger, reading?.reason ?? 'there was no single primary to read');
  }
  const tally = new Tally();
  const byWriter = new Map(reading.writers.map((writer) => [writer.writer, writer]));
  const expected = new Set(ledger.writers());
  for (const writer of expected) judgeWriter(tally, ledger, writer, byWriter.get(writer));
  for (const writer of reading.writers) {
    if (!expected.has(writer.writer)) judgeForeign(tally, ledger, writer.writer, writer.present);
  }
  for (const { writer, seqs, count: rows } of reading.foreign) {
    const named = seqs.map((seq) => [seq, seq] as const);
    judgeForeign(tally, ledger, writer, named);
    // Only so many are named; the others count as well.
    if (ledger.mayHideWriters) tally.addUnjournaled(rows - seqs.length);
    else tally.add('unexpected', rows - seqs.length);
    if (!ledger.mayHideWriters) tally.strangers += rows - seqs.length;
  }
  // No client sends a row without a key.
  tally.add('unexpected', reading.unkeyed ?? 0);
  tally.strangers += reading.unkeyed ?? 0;
  return verdict(ledger, reading, tally);
}

/** Acknowledged inserts of a writer that are on the primary. */
export function survivingRows(ledger: Ledger, writer: number, reading: NodeReading): Ranges {
  const present = reading.writers.find((each) => each.writer === writer)?.present ?? NOTHING;
  return intersect(ledger.writer(writer)?.inserted('acknowledged') ?? NOTHING, present);
}

/** Acknowledged inserts less the rows that a delete took away, for all we know of it: an unsure one did if it is gone. */
export function keptRows(state: WriterLedger, present: Ranges): Ranges {
  const sure = union(state.deleted('acknowledged'), state.deleted('localOnly'));
  const removed = subtract(removable(state), present);
  return subtract(subtract(state.inserted('acknowledged'), sure), removed);
}

function judgeForeign(tally: Tally, ledger: Ledger, writer: number, rows: Ranges): void {
  if (ledger.mayHideWriters) tally.addUnjournaled(count(rows));
  else tally.addStrangers(writer, rows, 'foreignWriter');
}

function judgeWriter(
  tally: Tally,
  ledger: Ledger,
  writer: number,
  reading: WriterReading | undefined,
): void {
  const state = ledger.writer(writer);
  const present = reading?.present ?? NOTHING;
  const versions = new Map(reading?.versions);
  const inserted = state ? insertedRange(state) : NOTHING;
  const isFinished = ledger.isFinished(writer);
  const outside = subtract(present, inserted);
  const beyond = isFinished ? NOTHING : clip(outside, state?.next ?? 0, Infinity);
  tally.addStrangers(writer, subtract(outside, beyond), 'neverSent');
  tally.addUnjournaled(count(beyond));
  const removed = state ? subtract(removable(state), present) : NOTHING;
  const mayHideDeletes = ledger.mayHideDeletes(writer);
  const rowOf = (seq: number): FoundRow => ({
    version: contains(present, seq)
      ? (versions.get(seq) ?? 0)
      : contains(removed, seq)
        ? 'removed'
        : 'gone',
    writer,
    seq,
    isFinished,
    mayHideDeletes,
  });
  if (state) {
    judgeInserts(tally, state, { present, removed, mayHideDeletes });
    judgeDeletes(tally, state, present);
    for (const chain of state.updates.chains()) judgeChain(tally, chain, rowOf(chain.seq));
  }
  const explained = union(inserted, beyond);
  for (const [seq, version] of versions) {
    if (version === 0 || state?.updates.chain(seq) || !contains(present, seq)) continue;
    if (!contains(explained, seq)) continue;
    judgeChain(tally, { seq, attempted: 0, unacknowledged: [] }, rowOf(seq));
  }
}

/** Rows that a delete took away, or may have. */
function removable(state: WriterLedger): Ranges {
  const sure = union(state.deleted('acknowledged'), state.deleted('localOnly'));
  return union(sure, state.deleted('indeterminate'));
}

interface Presence {
  readonly present: Ranges;
  readonly removed: Ranges;
  readonly mayHideDeletes: boolean;
}

function judgeInserts(tally: Tally, state: WriterLedger, presence: Presence): void {
  const { present, removed, mayHideDeletes } = presence;
  const { writer } = state;
  const stored = union(present, removed);
  for (const outcome of ['acknowledged', 'localOnly'] as const) {
    const rows = state.inserted(outcome);
    const gone = subtract(rows, stored);
    tally.add('durable', count(rows) - count(gone));
    if (mayHideDeletes) {
      tally.undecided += count(gone);
      continue;
    }
    for (const [from, to] of gone) {
      const lost = { writer, kind: 'insert', outcome, from, to, count: to - from + 1 } as const;
      tally.addLost(outcome === 'acknowledged' ? 'lost' : 'lostLocalOnly', lost);
    }
  }
  const unsure = state.inserted('indeterminate');
  const recovered = count(intersect(unsure, stored));
  tally.add('recovered', recovered);
  tally.add('dropped', count(unsure) - recovered);
  const failed = state.inserted('failed');
  const phantoms = intersect(failed, present);
  tally.addUnexpected(writer, phantoms, 'failedInsert');
  tally.add('rejected', count(failed) - count(phantoms));
  countRecords(tally, state, presence);
}

function countRecords(tally: Tally, state: WriterLedger, presence: Presence): void {
  const { present, mayHideDeletes } = presence;
  const kept = keptRows(state, present);
  const found = count(intersect(kept, present));
  tally.records.inserted += count(kept);
  tally.records.found += found;
  if (!mayHideDeletes) tally.records.lost += count(kept) - found;
}

function judgeDeletes(tally: Tally, state: WriterLedger, present: Ranges): void {
  const { writer } = state;
  for (const outcome of ['acknowledged', 'localOnly', 'failed', 'indeterminate'] as const) {
    for (const rows of deletesOf(state, outcome)) {
      const back = intersect(rows, present);
      const took = count(rows) - count(back);
      if (outcome === 'failed') {
        tally.add('rejected', count(rows));
      } else if (outcome === 'indeterminate') {
        tally.add('recovered', took);
        tally.add('dropped', count(back));
      } else {
        tally.add('durable', took);
        const fate = outcome === 'acknowledged' ? 'lostDeletes' : 'lostLocalOnly';
        for (const [from, to] of back) {
          const rows = to - from + 1;
          tally.addLost(fate, { writer, kind: 'delete', outcome, from, to, count: rows });
        }
      }
    }
  }
}

/** Each row once, then each further delete of a row by itself. */
function* deletesOf(state: WriterLedger, outcome: Outcome): Generator<Ranges> {
  yield state.deleted(outcome);
  for (const range of state.deletedAgain(outcome)) yield [range];
}

function verdict(ledger: Ledger, reading: NodeReading, tally: Tally): PrimaryVerdict {
  const { fates, unjournaled, records, strangers, undecided, lost, unexpected } = tally;
  const outcomes = outcomesOf(ledger, unjournaled);
  if (!tally.isBalanced(outcomes.attempted)) {
    throw new HarnessBug(
      `the fates do not sum to the ${outcomes.attempted} writes attempted: ${JSON.stringify({ ...fates, strangers, undecided })}`,
    );
  }
  const duplicated = reading.writers.flatMap(({ writer, duplicated }) =>
    duplicated.map(([seq, copies]) => ({ writer, seq, copies })),
  );
  const corrupted = reading.writers.flatMap(({ writer, corrupted }) =>
    corrupted.map((seq) => ({ writer, seq })),
  );
  const present = { duplicated: duplicated.length, corrupted: corrupted.length, reissued: null };
  return {
    isJudged: true,
    reason: null,
    records,
    strangers,
    undecided,
    writes: { ...outcomes, ...fates, ...present },
    lost,
    unexpected,
    duplicated,
    corrupted,
  };
}

function unread(ledger: Ledger, reason: string): PrimaryVerdict {
  const inserted = ledger
    .writers()
    .map((writer) => ledger.writer(writer))
    .filter((state) => state !== undefined)
    .map((state) => subtract(state.inserted('acknowledged'), removable(state)))
    .reduce((sum, rows) => sum + count(rows), 0);
  return {
    isJudged: false,
    reason,
    strangers: 0,
    undecided: 0,
    records: { inserted, found: null, lost: null },
    writes: { ...unknownWrites, ...outcomesOf(ledger, 0) },
    lost: new LostLog(),
    unexpected: [],
    duplicated: [],
    corrupted: [],
  };
}

function outcomesOf(ledger: Ledger, unjournaled: number): Outcomes {
  const acknowledged = ledger.writes('acknowledged');
  const localOnly = ledger.writes('localOnly');
  const failed = ledger.writes('failed');
  const indeterminate = ledger.writes('indeterminate') + unjournaled;
  const attempted = acknowledged + localOnly + failed + indeterminate;
  return { attempted, acknowledged, localOnly, failed, indeterminate };
}
