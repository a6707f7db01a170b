import type { NodeReading, Ranges, WriterReading } from '../../contracts/evidence.ts';
import type { ReplicaVerdict } from '../../contracts/result.ts';
import { otherHistory } from './other-history.ts';
import { count, intersect, NOTHING, rangesOf, subtract, union } from '../../std/ranges.ts';

export interface WriterRows {
  readonly writer: number;
  readonly rows: Ranges;
}

/** A replica's verdict with the rows behind its numbers. */
export interface ReplicaJudgement {
  readonly verdict: ReplicaVerdict;
  readonly missing: readonly WriterRows[];
  readonly extra: readonly WriterRows[];
  /** Content not as its client made it. */
  readonly corrupted: readonly WriterRows[];
  /** Sound, and in an older version than on the primary. */
  readonly stale: readonly WriterRows[];
}

/**
 * Compares what is on a replica with what is on the primary, row by row. A further copy of a row counts as extra (or
 * missing) too, and so does a version that the primary has not. Could not read is `unverifiable`, whichever of the two could not be read.
 */
export function judgeReplica(
  primary: NodeReading | undefined,
  replica: NodeReading,
): ReplicaJudgement {
  if (replica.status !== 'read') {
    return unverifiable(replica, replica.reason ?? `${replica.node} could not be read`);
  }
  if (primary?.status !== 'read') {
    return unverifiable(replica, 'there is no reading of a primary to compare with');
  }
  const all = compareWriters(primary, replica);
  const missing = all.missing.filter(({ rows }) => rows.length > 0);
  const extra = all.extra.filter(({ rows }) => rows.length > 0);
  const corrupted = all.corrupted.filter(({ rows }) => rows.length > 0);
  const stale = all.stale.filter(({ rows }) => rows.length > 0);
  const counts = {
    missing: total(missing) + all.copiesMissing,
    extra: total(extra) + all.copiesExtra,
    corrupted: total(corrupted),
    stale: total(stale),
  };
  const other = otherHistory(primary, replica, counts.extra);
  const agrees = other === undefined && Object.values(counts).every((rows) => rows === 0);
  const verdict: ReplicaVerdict = {
    node: replica.node,
    status: agrees ? 'agrees' : 'differs',
    reason: other ?? null,
    ...counts,
    lagBytes: replica.lagBytes ?? null,
  };
  return { verdict, missing, extra, corrupted, stale };
}

function compareWriters(primary: NodeReading, replica: NodeReading) {
  const missing: WriterRows[] = [];
  const extra: WriterRows[] = [];
  const corrupted: WriterRows[] = [];
  const stale: WriterRows[] = [];
  let copies = add(
    compareForeign(primary, replica),
    byNumber(primary.unkeyed ?? 0, replica.unkeyed ?? 0),
  );
  const here = new Map(primary.writers.map((writer) => [writer.writer, writer]));
  const there = new Map(replica.writers.map((writer) => [writer.writer, writer]));
  for (const writer of new Set([...here.keys(), ...there.keys()])) {
    const mine = here.get(writer) ?? emptyReading(writer);
    const its = there.get(writer) ?? emptyReading(writer);
    missing.push({ writer, rows: subtract(mine.present, its.present) });
    const broken = rangesOf(its.corrupted);
    const { older, newer } = otherVersions(mine, its, broken);
    extra.push({ writer, rows: union(subtract(its.present, mine.present), newer) });
    corrupted.push({ writer, rows: broken });
    stale.push({ writer, rows: older });
    copies = add(copies, compareCopies(mine, its));
  }
  return {
    missing,
    extra,
    corrupted,
    stale,
    copiesMissing: copies.missing,
    copiesExtra: copies.extra,
  };
}

interface Difference {
  readonly missing: number;
  readonly extra: number;
}

function add(a: Difference, b: Difference): Difference {
  return { missing: a.missing + b.missing, extra: a.extra + b.extra };
}

/** Rows that cannot be distinguished: the difference in their number. */
function byNumber(here: number, there: number): Difference {
  return { missing: Math.max(0, here - there), extra: Math.max(0, there - here) };
}

/** Rows that both have, in different versions; of a broken one, the version says nothing. */
function otherVersions(mine: WriterReading, its: WriterReading, broken: Ranges) {
  const here = new Map(mine.versions);
  const there = new Map(its.versions);
  const seqs = [...new Set([...here.keys(), ...there.keys()])];
  const shared = subtract(intersect(mine.present, its.present), broken);
  const where = (differs: (step: number) => boolean): Ranges =>
    intersect(
      rangesOf(seqs.filter((seq) => differs((there.get(seq) ?? 0) - (here.get(seq) ?? 0)))),
      shared,
    );
  return { older: where((step) => step < 0), newer: where((step) => step > 0) };
}

function compareCopies(mine: WriterReading, its: WriterReading): Difference {
  const copies = new Map(mine.duplicated);
  const other = new Map(its.duplicated);
  let difference: Difference = { missing: 0, extra: 0 };
  for (const seq of new Set([...copies.keys(), ...other.keys()])) {
    difference = add(difference, byNumber(copies.get(seq) ?? 1, other.get(seq) ?? 1));
  }
  return difference;
}

/** Rows of no writer of the run: named rows where they differ, and the rest by number. */
function compareForeign(primary: NodeReading, replica: NodeReading): Difference {
  const mine = new Map(primary.foreign.map((each) => [each.writer, each]));
  const its = new Map(replica.foreign.map((each) => [each.writer, each]));
  let difference: Difference = { missing: 0, extra: 0 };
  for (const writer of new Set([...mine.keys(), ...its.keys()])) {
    const here = mine.get(writer);
    const there = its.get(writer);
    const missing = count(subtract(rangesOf(here?.seqs ?? []), rangesOf(there?.seqs ?? [])));
    const extra = count(subtract(rangesOf(there?.seqs ?? []), rangesOf(here?.seqs ?? [])));
    const more = (there?.count ?? 0) - (here?.count ?? 0) - (extra - missing);
    difference = add(difference, {
      missing: missing + Math.max(0, -more),
      extra: extra + Math.max(0, more),
    });
  }
  return difference;
}

function unverifiable(replica: NodeReading, reason: string): ReplicaJudgement {
  const verdict: ReplicaVerdict = {
    node: replica.node,
    status: 'unverifiable',
    reason,
    missing: 0,
    extra: 0,
    corrupted: 0,
    stale: 0,
    lagBytes: replica.lagBytes ?? null,
  };
  return { verdict, missing: [], extra: [], corrupted: [], stale: [] };
}

function total(writers: readonly WriterRows[]): number {
  return writers.reduce((sum, { rows }) => sum + count(rows), 0);
}

function emptyReading(writer: number): WriterReading {
  return { writer, present: NOTHING, versions: [], corrupted: [], duplicated: [] };
}
