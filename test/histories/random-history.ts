/** Random operations and read-backs for property tests. */
import fc from 'fast-check';
import type { NodeReading, OperationRecord, WriterReading } from '../../src/contracts/evidence.ts';
import { OUTCOMES } from '../../src/evidence/journal/format.ts';
import { rangesOf } from '../../src/std/ranges.ts';
import { journal, operation, reading, type MemoryJournal } from './in-memory.ts';
import type { FoundRow, NaiveWriter } from './naive-model.ts';

const WRITERS = 3;
const FOREIGN = 7;

const step = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'update', 'update', 'delete'),
  outcome: fc.constantFrom('acknowledged', 'acknowledged', ...OUTCOMES),
  writer: fc.nat(WRITERS - 1),
  count: fc.integer({ min: 1, max: 4 }),
  pick: fc.nat(1000),
} as const);

export interface RandomRun {
  readonly journals: readonly MemoryJournal[];
  readonly records: readonly OperationRecord[];
  readonly writers: ReadonlyMap<number, NaiveWriter>;
  readonly found: readonly FoundRow[];
  readonly reading: NodeReading;
}

/** Two journals, writers 0 and 1 in the first and 2 in the second; each finished or not. */
export const randomRun: fc.Arbitrary<RandomRun> = fc
  .record({
    steps: fc.array(step, { maxLength: 25 }),
    firsts: fc.array(fc.nat(3), { minLength: WRITERS, maxLength: WRITERS }),
    finished: fc.tuple(fc.boolean(), fc.boolean()),
    withDeletes: fc.boolean(),
    dice: fc.array(fc.nat(99), { minLength: 1, maxLength: 30 }),
    faithful: fc.boolean(),
  })
  .map(({ steps, firsts, finished, withDeletes, dice, faithful }) => {
    const { records, next } = play(steps, firsts, withDeletes);
    const roll = roller(dice);
    const isFinished = (writer: number) => finished[writer < 2 ? 0 : 1];
    const writers = new Map(
      next.map((end, writer) => [
        writer,
        { isFinished: isFinished(writer), first: firsts[writer]!, next: end },
      ]),
    );
    // An unfinished journal of a writer that did nothing does not show where its seqs begin.
    for (const [writer, state] of writers) {
      if (state.next === state.first) writers.set(writer, { ...state, next: 0 });
    }
    const found = findRows(records, { firsts, next, roll, faithful });
    const ofWriters = (test: (writer: number) => boolean) =>
      records.filter(({ writer }) => test(writer));
    return {
      records,
      writers,
      found,
      reading: readingOf(found),
      journals: [
        journal(
          ofWriters((writer) => writer < 2),
          { writers: 2, isFinished: finished[0] },
        ),
        journal(
          ofWriters((writer) => writer === 2),
          { firstWriter: 2, isFinished: finished[1] },
        ),
      ],
    };
  });

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function play(steps: readonly Step[], firsts: readonly number[], withDeletes: boolean) {
  const next = [...firsts];
  const versions = new Map<string, number>();
  const records: OperationRecord[] = [];
  for (const { kind, outcome, writer, count, pick } of steps) {
    const rows = next[writer]! - firsts[writer]!;
    if (kind === 'insert') {
      records.push(operation({ kind, outcome, writer, seq: next[writer]!, count }));
      next[writer]! += count;
    } else if (rows > 0 && kind === 'update') {
      const seq = firsts[writer]! + (pick % rows);
      const version = (versions.get(`${writer}/${seq}`) ?? 0) + 1;
      versions.set(`${writer}/${seq}`, version);
      records.push(operation({ kind, outcome, writer, seq, version }));
    } else if (rows > 0 && withDeletes) {
      const offset = pick % rows;
      const seq = firsts[writer]! + offset;
      records.push(
        operation({ kind: 'delete', outcome, writer, seq, count: Math.min(count, rows - offset) }),
      );
    }
  }
  return { records, next };
}

function roller(dice: readonly number[]): (percent: number) => boolean {
  let at = 0;
  // A stride that shares no factor with most lengths, so that neighbours do not get the same random numbers.
  return (percent) => (dice[(at = (at + 7) % dice.length)]! + at) % 100 < percent;
}

interface World {
  readonly firsts: readonly number[];
  readonly next: readonly number[];
  readonly roll: (percent: number) => boolean;
  readonly faithful: boolean;
}

/** Mostly what a correct database would hold, but often enough not. */
function findRows(records: readonly OperationRecord[], world: World): FoundRow[] {
  const { firsts, next, roll, faithful } = world;
  const doubt = faithful ? 3 : 30;
  const stored = new Map<string, FoundRow>();
  for (const { kind, outcome, writer, seq, count, version } of records) {
    const isStored =
      outcome === 'indeterminate' ? roll(50) : (outcome !== 'failed') !== roll(doubt);
    for (let each = seq; isStored && each < seq + count; each++) {
      const key = `${writer}/${each}`;
      if (kind === 'delete') stored.delete(key);
      else if (kind === 'insert' || stored.has(key))
        stored.set(key, { writer, seq: each, version });
    }
  }
  const rows = [...stored.values()].filter(() => !roll(doubt));
  for (let writer = 0; writer < WRITERS; writer++) {
    const seq = next[writer]!;
    if (roll(20)) rows.push({ writer, seq, version: roll(30) ? 2 : 0 });
    if (roll(5) && firsts[writer]! > 0 && seq > firsts[writer]!) {
      rows.push({ writer, seq: firsts[writer]! - 1, version: 0 });
    }
  }
  if (roll(10)) rows.push({ writer: FOREIGN, seq: 3, version: 0 });
  return rows.map((row) => (row.writer !== FOREIGN && roll(5) ? bump(row) : row));
}

function bump(row: FoundRow): FoundRow {
  return { ...row, version: row.version + 1 };
}

function readingOf(found: readonly FoundRow[]): NodeReading {
  const writers: (Partial<WriterReading> & { writer: number })[] = [];
  for (let writer = 0; writer < WRITERS; writer++) {
    const rows = found.filter((row) => row.writer === writer);
    writers.push({
      writer,
      present: rangesOf(rows.map(({ seq }) => seq)),
      versions: rows.filter(({ version }) => version > 0).map(({ seq, version }) => [seq, version]),
    });
  }
  const seqs = found.filter(({ writer }) => writer === FOREIGN).map(({ seq }) => seq);
  const foreign = seqs.length > 0 ? [{ writer: FOREIGN, count: seqs.length, seqs }] : [];
  return reading(writers, { foreign });
}
