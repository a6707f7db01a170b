import type { NodeReading, Ranges, WriterReading } from '../../contracts/evidence.ts';
import { contains, NOTHING, rangesOf, union } from '../../std/ranges.ts';
import type { IsOnHistory } from '../causes/on-history.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { AnswerLog } from './answer-log.ts';
import type { Write } from './by-write.ts';
import { rowFates, type Fate, type RowFates } from './row-fates.ts';

/** A write that is on the history of the final primary. */
export interface CertainWrite extends Write {
  /** The insert position just before its commit record; undefined: unknown. */
  readonly lsn: number | undefined;
  /** Microseconds since the start of the load; undefined: not acknowledged. */
  readonly answeredUs: number | undefined;
}

/** One writer's writes on the history of the final primary, whatever became of their rows since. */
export interface WriterHistory {
  readonly writer: number;
  /** Its rows on the final primary. */
  readonly present: Ranges;
  /** In the order in which they were sent. */
  readonly certain: readonly CertainWrite[];
  /** Of those that its journal has, and that are neither certain nor gone for certain. */
  readonly uncertain: number;
  fateOf(write: Write): Fate;
  /** Of a row on the final primary. */
  versionOf(seq: number): number;
}

export interface HistoryEvidence {
  readonly answers: Pick<
    AnswerLog,
    'answeredUs' | 'changes' | 'inserted' | 'lsn' | 'position' | 'writers'
  >;
  readonly isOnHistory: IsOnHistory;
  readonly ledger: Pick<Ledger, 'isFinished' | 'mayHideDeletes'>;
}

/** Over all writers. */
export function sumOf(
  histories: ReadonlyMap<number, WriterHistory>,
  of: (history: WriterHistory) => number,
): number {
  return [...histories.values()].reduce((sum, history) => sum + of(history), 0);
}

/** Of every writer that has rows on the primary, or answers. */
export function writerHistories(
  primary: NodeReading,
  evidence: HistoryEvidence,
): ReadonlyMap<number, WriterHistory> {
  const readings = new Map(primary.writers.map((reading) => [reading.writer, reading]));
  const writers = new Set([...readings.keys(), ...evidence.answers.writers()]);
  return new Map(
    [...writers].map((writer) => [writer, historyOf(writer, readings.get(writer), evidence)]),
  );
}

export function historyOf(
  writer: number,
  reading: Pick<WriterReading, 'present' | 'versions'> | undefined,
  { answers, isOnHistory, ledger }: HistoryEvidence,
): WriterHistory {
  const present = reading?.present ?? NOTHING;
  const versions = new Map(reading?.versions);
  const changes = answers.changes(writer);
  const mayHideDeletes = ledger.mayHideDeletes(writer);
  const rows = new Map<number, RowFates>();
  for (const [seq, ofRow] of Map.groupBy(changes, (change) => change.seq)) {
    const inserted = answers.position(writer, seq);
    const version = contains(present, seq) ? (versions.get(seq) ?? 0) : undefined;
    rows.set(seq, rowFates({ inserted, changes: ofRow, version, mayHideDeletes }, isOnHistory));
  }
  const fateOf = ({ kind, seq, version }: Write): Fate => {
    const row = rows.get(seq);
    const isThere = contains(present, seq);
    const known = kind === 'update' ? row?.updates.get(version) : row?.[kind];
    if (known) return known;
    if (!isThere) return mayHideDeletes ? 'uncertain' : 'off';
    if (kind !== 'update') return kind === 'insert' ? 'on' : 'off';
    const last = versions.get(seq) ?? 0;
    if (version >= last) return version === last ? 'on' : 'off';
    return ledger.isFinished(writer) ? 'off' : 'uncertain';
  };
  const insertOf = (seq: number) => ({ kind: 'insert', seq, version: 0 }) as const;
  const doubted = changes.filter(
    (change) => change.outcome !== 'failed' && fateOf(change) === 'uncertain',
  );
  // Where no delete can hide, only rows with changes are in doubt.
  const inDoubt = mayHideDeletes ? answers.inserted(writer) : [...rows.keys()];
  const absent = inDoubt.filter(
    (seq) => answers.answeredUs(writer, seq) !== undefined && fateOf(insertOf(seq)) === 'uncertain',
  );
  return {
    writer,
    present,
    certain: [...certainWrites()],
    uncertain: doubted.length + absent.length,
    fateOf,
    versionOf: (seq) => versions.get(seq) ?? 0,
  };

  function* certainWrites(): Generator<CertainWrite> {
    const gone = [...rows.keys()].filter(
      (seq) => !contains(present, seq) && rows.get(seq)?.insert === 'on',
    );
    const deleted = new Set<number>();
    const done = changes.filter((change) => {
      if (fateOf(change) !== 'on') return false;
      if (change.kind === 'update') return true;
      // Sent again, it is the same.
      return !deleted.has(change.seq) && deleted.add(change.seq);
    });
    let next = 0;
    for (const [from, to] of union(present, rangesOf(gone))) {
      for (let seq = from; seq <= to; seq++) {
        for (let change = done[next]; change && change.before <= seq; change = done[++next]) {
          yield certain(change);
        }
        const answeredUs = answers.answeredUs(writer, seq);
        yield { ...insertOf(seq), lsn: answers.lsn(writer, seq), answeredUs };
      }
    }
    for (const change of done.slice(next)) yield certain(change);
    // What no journal has comes last: nothing is known of its order.
    for (const [seq, row] of rows) {
      if (row.delete === 'on' && !deleted.has(seq))
        yield { ...unknown, kind: 'delete', seq, version: 0 };
    }
    for (const [seq, version] of versions) {
      if (version === 0 || !contains(present, seq) || rows.get(seq)?.updates.has(version)) continue;
      yield { ...unknown, kind: 'update', seq, version };
    }
  }
}

const unknown = { lsn: undefined, answeredUs: undefined };

function certain({
  kind,
  seq,
  version,
  position,
}: ReturnType<AnswerLog['changes']>[number]): CertainWrite {
  const lsn = position?.lsn === 0 ? undefined : position?.lsn;
  return { kind, seq, version, lsn, answeredUs: position?.atUs };
}
