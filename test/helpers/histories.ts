import type { Ranges } from '../../src/contracts/evidence.ts';
import type { LoggedChange } from '../../src/judge/downstream/answer-log.ts';
import type { Histories } from '../../src/judge/downstream/fold-changes.ts';
import { historyOf, type HistoryEvidence } from '../../src/judge/downstream/writer-history.ts';

type Answers = HistoryEvidence['answers'];

export interface WriterRows {
  readonly present: Ranges;
  readonly versions?: readonly (readonly [seq: number, version: number])[];
  readonly changes?: readonly LoggedChange[];
}

/** What one server acknowledged, of which `isOnHistory` says what is left; absent: all of it. */
export function historiesOf(
  writers: Readonly<Record<number, WriterRows>>,
  answers: Pick<Answers, 'answeredUs' | 'lsn'>,
  {
    isOnHistory = () => true,
    ledger = { isFinished: () => true, mayHideDeletes: () => false },
  }: Partial<HistoryEvidence> = {},
): Histories {
  const of = (writer: number) => writers[writer] ?? { present: [] };
  const evidence: HistoryEvidence = {
    isOnHistory,
    ledger,
    answers: {
      ...answers,
      writers: () => Object.keys(writers).map(Number).values(),
      changes: (writer) => of(writer).changes ?? [],
      inserted: (writer) => of(writer).present.flatMap(([from]) => [from]),
      position: (writer, seq) => {
        const lsn = answers.lsn(writer, seq);
        if (lsn === undefined) return undefined;
        return { node: 'pg1', timeline: 1, lsn, atUs: answers.answeredUs(writer, seq) ?? 0 };
      },
    },
  };
  return new Map(
    Object.entries(writers).map(([key, { present, versions = [] }]) => {
      const writer = Number(key);
      return [writer, historyOf(writer, { present, versions }, evidence)];
    }),
  );
}
