import type { Restore } from '../../contracts/archive.ts';
import type { NodeReading, Ranges } from '../../contracts/evidence.ts';
import type { RestoreResult } from '../../contracts/result/archive.ts';
import { count, rangesOf } from '../../std/ranges.ts';
import { lsnNumber } from '../../std/units/lsn.ts';
import type { AnswerLog } from '../downstream/answer-log.ts';
import { commitBounds, type CommitBounds } from '../downstream/place-missing.ts';
import { judgeReplica, type WriterRows } from '../ledger/replica.ts';

const rangesNamed = 20;

interface JudgeOptions {
  readonly answers: Pick<AnswerLog, 'lsn'>;
  readonly hasDeletes: boolean;
}

/** Compares a restored server with the final primary, write by write, as a replica. */
export function judgeRestore(
  restore: Restore,
  primary: NodeReading | undefined,
  options: JudgeOptions,
): RestoreResult {
  const { to, lsn = null, reached, reading } = restore;
  const known = {
    to,
    lsn,
    isRefused: restore.isRefused === true,
    reachedTimeline: reached?.timeline ?? null,
    reachedLsn: reached?.lsn ?? null,
  };
  const { verdict, ...rows } = judgeReplica(primary, reading);
  if (verdict.status === 'unverifiable' || !primary) {
    const counts = { expected: null, missing: null, extra: null, corrupted: null };
    return { ...known, reason: verdict.reason, ...counts, missingRanges: [] };
  }
  if (lsn === null) {
    const expected = primary.writers.reduce((sum, { present }) => sum + count(present), 0);
    const { missing, stale = 0, extra, corrupted } = verdict;
    const counts = { expected, missing: missing + stale, extra, corrupted };
    return { ...known, reason: null, ...counts, missingRanges: named(rows.missing) };
  }
  return { ...known, reason: null, ...atFork({ restore, primary, rows, lsn }, options) };
}

interface AtFork {
  readonly restore: Restore;
  readonly primary: NodeReading;
  readonly rows: {
    readonly extra: readonly WriterRows[];
    readonly corrupted: readonly WriterRows[];
  };
  readonly lsn: string;
}

/**
 * Of most writes the positions tell on which side of the fork they were committed; of the others, one per writer at most, either is
 * right. Older versions are what there was then.
 */
function atFork({ restore, primary, rows, lsn }: AtFork, { answers, hasDeletes }: JudgeOptions) {
  const fork = lsnNumber(lsn);
  const there = new Map(restore.reading.writers.map((each) => [each.writer, each.present]));
  let expected = 0;
  let beyond = 0;
  const missing: WriterRows[] = [];
  for (const { writer, present } of primary.writers) {
    const boundsOf = commitBounds(present, (seq) => answers.lsn(writer, seq));
    const before = where(present, boundsOf, ({ most }) => most <= fork);
    const after = new Set(where(present, boundsOf, ({ least }) => least >= fork));
    const restored = new Set(seqsOf(there.get(writer) ?? []));
    expected += before.length;
    beyond += [...after].filter((seq) => restored.has(seq)).length;
    const gone = before.filter((seq) => !restored.has(seq));
    if (gone.length > 0) missing.push({ writer, rows: rangesOf(gone) });
  }
  return {
    expected,
    missing: sum(missing),
    extra: hasDeletes ? null : sum(rows.extra) + beyond,
    corrupted: sum(rows.corrupted),
    missingRanges: named(missing),
  };
}

function where(
  present: Ranges,
  boundsOf: (seq: number) => CommitBounds,
  is: (bounds: CommitBounds) => boolean,
): readonly number[] {
  return seqsOf(present).filter((seq) => is(boundsOf(seq)));
}

function seqsOf(ranges: Ranges): readonly number[] {
  return ranges.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, at) => from + at),
  );
}

function sum(rows: readonly WriterRows[]): number {
  return rows.reduce((total, { rows: ranges }) => total + count(ranges), 0);
}

function named(rows: readonly WriterRows[]): RestoreResult['missingRanges'] {
  const all = rows.flatMap(({ writer, rows: ranges }) =>
    ranges.map(([from, to]) => ({ writer, from, to })),
  );
  return all.slice(0, rangesNamed);
}
