/**
 * The fates again, written only for clarity: a map of rows, each with all its attempts. The property test compares the
 * ledger with it.
 */
import type { OperationRecord, Outcome } from '../../src/contracts/evidence.ts';

export interface Row {
  insert: Outcome;
  updates: Outcome[];
  deletes: Outcome[];
}

export interface FoundRow {
  readonly writer: number;
  readonly seq: number;
  readonly version: number;
}

export interface NaiveWriter {
  readonly isFinished: boolean;
  readonly first: number;
  readonly next: number;
}

export interface NaiveInput {
  readonly rows: ReadonlyMap<string, Row>;
  readonly writers: ReadonlyMap<number, NaiveWriter>;
  readonly found: readonly FoundRow[];
  /** Some journal deletes. */
  readonly hasDeletes: boolean;
}

export type NaiveVerdict = Record<
  | 'attempted'
  | 'durable'
  | 'lost'
  | 'lostLocalOnly'
  | 'recovered'
  | 'dropped'
  | 'unexpected'
  | 'rejected'
  | 'lostUpdates'
  | 'lostDeletes'
  | 'strangers'
  | 'undecided',
  number
> & { lostRows: string[]; unexpectedRows: string[] };

export const keyOf = (writer: number, seq: number) => `${writer}/${seq}`;

export function rowsOf(records: readonly OperationRecord[]): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const { kind, outcome, writer, seq, count } of records) {
    for (let each = seq; each < seq + count; each++) {
      const key = keyOf(writer, each);
      if (kind === 'insert') rows.set(key, { insert: outcome, updates: [], deletes: [] });
      else if (kind === 'update') rows.get(key)!.updates.push(outcome);
      else rows.get(key)!.deletes.push(outcome);
    }
  }
  return rows;
}

export function naiveVerdict({ rows, writers, found, hasDeletes }: NaiveInput): NaiveVerdict {
  const verdict: NaiveVerdict = {
    attempted: 0,
    durable: 0,
    lost: 0,
    lostLocalOnly: 0,
    recovered: 0,
    dropped: 0,
    unexpected: 0,
    rejected: 0,
    lostUpdates: 0,
    lostDeletes: 0,
    strangers: 0,
    undecided: 0,
    lostRows: [],
    unexpectedRows: [],
  };
  const versions = new Map(found.map((row) => [keyOf(row.writer, row.seq), row.version]));
  for (const [key, row] of rows) {
    const isFinished = writers.get(Number(key.split('/')[0]))!.isFinished;
    judgeRow(verdict, key, row, versions.get(key), { isFinished, hasDeletes });
  }
  for (const { writer, seq, version } of found) {
    if (rows.has(keyOf(writer, seq))) continue;
    const known = writers.get(writer);
    if (known && !known.isFinished && seq >= known.next) {
      verdict.attempted += 1 + version;
      verdict.recovered += 1 + version;
    } else {
      verdict.unexpected++;
      verdict.strangers++;
      verdict.unexpectedRows.push(keyOf(writer, seq));
    }
  }
  verdict.unexpectedRows.sort();
  verdict.lostRows.sort();
  return verdict;
}

function judgeRow(
  verdict: NaiveVerdict,
  key: string,
  row: Row,
  version: number | undefined,
  run: { isFinished: boolean; hasDeletes: boolean },
): void {
  const isThere = version !== undefined;
  const mayBeDeleted = row.deletes.some((outcome) => outcome !== 'failed');
  const mayHide = run.hasDeletes && !run.isFinished;
  verdict.attempted += 1 + row.updates.length + row.deletes.length;

  const judge = (outcome: Outcome, has: boolean, lostAs: 'lost' | 'lostUpdates') => {
    if (outcome === 'failed') verdict.rejected++;
    else if (outcome === 'indeterminate') verdict[has ? 'recovered' : 'dropped']++;
    else if (has) verdict.durable++;
    else if (!isThere && mayHide) verdict.undecided++;
    else if (outcome === 'localOnly') verdict.lostLocalOnly++;
    else {
      verdict[lostAs]++;
      verdict.lostRows.push(key);
    }
  };
  const surprise = () => {
    verdict.unexpected++;
    verdict.unexpectedRows.push(key);
  };

  if (row.insert === 'failed' && isThere) surprise();
  else judge(row.insert, isThere || mayBeDeleted, 'lost');

  row.updates.forEach((outcome, index) => {
    const own = index + 1;
    if (outcome === 'failed' && version === own) surprise();
    else if (isThere) judge(outcome, version >= own, 'lostUpdates');
    else judge(outcome, mayBeDeleted, 'lost');
  });
  if (isThere && version > row.updates.length) {
    const above = version - row.updates.length;
    if (run.isFinished) {
      surprise();
      verdict.strangers++;
    } else {
      verdict.attempted += above;
      verdict.recovered += above;
    }
  }

  for (const outcome of row.deletes) {
    if (outcome === 'failed') verdict.rejected++;
    else if (outcome === 'indeterminate') verdict[isThere ? 'dropped' : 'recovered']++;
    else if (!isThere) verdict.durable++;
    else if (outcome === 'localOnly') verdict.lostLocalOnly++;
    else {
      verdict.lostDeletes++;
      verdict.lostRows.push(key);
    }
  }
}
