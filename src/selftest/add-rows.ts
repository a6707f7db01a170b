import { choose, upTo, withKeys, type Damage, type Key, type Stage } from './damage.ts';
import { deletion } from './delete-rows.ts';
import type { Finding } from './findings.ts';

/** Rows that must not exist: each is valid in itself, but unexpected. */
export const addRows: readonly Damage[] = [
  {
    name: 'rows never sent',
    where: 'primary',
    plan: (stage) => {
      const count = upTo(4, stage.random);
      const rows = stage.next.flatMap((next) => following(next, count));
      return {
        ...addition(stage, rows, 'neverSent'),
        what: `insert ${rows.length} rows that were never sent`,
      };
    },
  },
  {
    // A flipped sign bit: a key that no writer can have.
    name: 'negative keys',
    where: 'primary',
    plan: (stage) => {
      const rows = stage.next.flatMap(({ writer }) =>
        following({ writer, seq: -upTo(9, stage.random) - 1 }, 2),
      );
      return {
        ...addition(stage, rows, 'neverSent'),
        what: `insert ${rows.length} rows under negative keys`,
      };
    },
  },
  {
    name: 'rows of no writer',
    where: 'primary',
    plan: (stage) => {
      const rows = following({ writer: stage.next.length + upTo(90, stage.random), seq: 0 }, 6);
      return {
        ...addition(stage, rows, 'foreignWriter'),
        what: `insert ${rows.length} rows of a writer that is not in the run`,
      };
    },
  },
  {
    // Every block has as many rows as before: only their identities differ.
    name: 'rows replaced',
    where: 'primary',
    plan: (stage) => {
      const lasts = stage.next.flatMap((next) => stage.rows.findLast(isOfWriter(next)) ?? []);
      const lost = deletion(stage, lasts, 'the last of each writer, and insert as many others');
      const added = addition(stage, stage.next, 'neverSent');
      return {
        what: lost.what,
        statements: [...lost.statements, ...added.statements],
        touched: [...lost.touched, ...added.touched],
        changes: { ...lost.changes, ...added.changes },
        findings: [...lost.findings, ...added.findings],
      };
    },
  },
  {
    name: 'failed inserts',
    where: 'primary',
    plan: (stage) => {
      const rows = choose(stage.failed, 4, stage.random);
      const { changes, ...planted } = addition(stage, rows, 'failedInsert');
      return {
        ...planted,
        what: `insert ${rows.length} rows whose insert was refused (23514)`,
        changes: { ...changes, rejected: -rows.length },
      };
    },
  },
  {
    name: 'deleted rows',
    where: 'primary',
    plan: (stage) => {
      const rows = choose(stage.deleted, 3, stage.random);
      return {
        statements: [insertion(stage, rows)],
        touched: rows,
        what: `insert ${rows.length} rows whose delete was acknowledged`,
        changes: { lostDeletes: rows.length, durable: -rows.length },
        findings: rows.map(({ writer, seq }) => {
          return { kind: 'lost delete', writer, from: seq, to: seq };
        }),
      };
    },
  },
];

/** Rows with their own content and the matching checksum. */
export function insertion({ table, payloadBytes }: Stage, rows: readonly Key[]) {
  return withKeys(
    `INSERT INTO ${table} (writer, seq, version, checksum, payload)
     SELECT writer, seq, 0, hashtextextended(payload, seq::int8) # writer::int8, payload
       FROM (SELECT writer, seq, repeat('x', ${payloadBytes}) AS payload
               FROM unnest($1::int[], $2::int[]) AS key (writer, seq)) AS made`,
    rows,
  );
}

/** The next `count` rows of a key space. */
export function following({ writer, seq }: Key, count: number): readonly Key[] {
  return Array.from({ length: count }, (_, index) => ({ writer, seq: seq + index }));
}

function isOfWriter({ writer }: Key) {
  return (row: Key): boolean => row.writer === writer;
}

function addition(stage: Stage, rows: readonly Key[], why: string) {
  return {
    statements: [insertion(stage, rows)],
    touched: rows,
    changes: { unexpected: rows.length },
    findings: rows.map(({ writer, seq }): Finding => {
      return { kind: 'unexpected', writer, from: seq, to: seq, detail: why };
    }),
  };
}
