import { amongKeys, choose, plain, upTo, withKeys } from './damage.ts';
import type { Damage, Row, Stage } from './damage.ts';
import { versionsText } from './findings.ts';

/** Rows that exist, but not as they were written. */
export const changeRows: readonly Damage[] = [
  {
    name: 'duplicates',
    where: 'primary',
    plan: (stage) => {
      const rows = choose(stage.rows, 5, stage.random);
      const { table } = stage;
      const copy = `INSERT INTO ${table} SELECT * FROM ${table} WHERE ${amongKeys}`;
      return {
        what: `drop the primary key and store ${rows.length} rows twice`,
        statements: [
          plain(`ALTER TABLE ${table} DROP CONSTRAINT ledger_pkey`),
          withKeys(copy, rows),
        ],
        touched: rows,
        afterwards: [
          plain(`ALTER TABLE ${table} ADD CONSTRAINT ledger_pkey PRIMARY KEY (writer, seq)`),
        ],
        changes: { duplicated: rows.length },
        findings: rows.map((row) => ({ kind: 'duplicated', ...at(row), detail: '2 copies' })),
      };
    },
  },
  {
    name: 'a flipped bit',
    where: 'primary',
    plan: (stage) => {
      const rows = choose(stage.rows, 3, stage.random);
      return {
        what: `flip one bit in the content of ${rows.length} rows`,
        statements: [flipBit(stage, rows)],
        touched: rows,
        changes: { corrupted: rows.length },
        findings: rows.map((row) => ({ kind: 'corrupted', ...at(row) })),
        isEverywhere: true,
      };
    },
  },
  {
    name: 'an older version',
    where: 'primary',
    plan: (stage) => {
      const updated = stage.rows.filter(({ version }) => version > 0);
      const steps = choose(updated, 3, stage.random).map((row) => {
        return { row, back: upTo(row.version, stage.random) };
      });
      const updates = steps.reduce((sum, { back }) => sum + back, 0);
      return {
        what: `set ${steps.length} rows back by ${updates} versions in all`,
        statements: steps.map(({ row, back }) => setVersion(stage, row, row.version - back)),
        touched: steps.map(({ row }) => row),
        changes: { lostUpdates: updates, durable: -updates },
        findings: steps.map(({ row, back }) => ({
          kind: 'lost update',
          ...at(row),
          detail: versionsText(row.version - back + 1, row.version),
        })),
      };
    },
  },
  {
    name: 'a version never sent',
    where: 'primary',
    plan: (stage) => {
      const rows = choose(stage.rows, 2, stage.random);
      return {
        what: `set ${rows.length} rows to versions that were never sent`,
        statements: rows.map((row) => setVersion(stage, row, row.version + upTo(9, stage.random))),
        touched: rows,
        changes: { unexpected: rows.length },
        findings: rows.map((row) => ({ kind: 'unexpected', ...at(row), detail: 'unknownVersion' })),
      };
    },
  },
  {
    // A flipped sign bit.
    name: 'negative versions',
    where: 'primary',
    plan: (stage) => {
      const fresh = stage.rows.filter(({ version }) => version === 0);
      const rows = choose(fresh, 2, stage.random);
      return {
        what: `set ${rows.length} rows to negative versions`,
        statements: rows.map((row) => setVersion(stage, row, -upTo(9, stage.random))),
        touched: rows,
        changes: { unexpected: rows.length },
        findings: rows.map((row) => ({ kind: 'unexpected', ...at(row), detail: 'unknownVersion' })),
      };
    },
  },
  {
    name: 'NULL content',
    where: 'primary',
    plan: (stage) => {
      const { table } = stage;
      const rows = choose(stage.rows, 4, stage.random);
      const columns = ['payload', 'checksum'];
      const nullable = (action: 'DROP' | 'SET') =>
        columns.map((column) => plain(`ALTER TABLE ${table} ALTER ${column} ${action} NOT NULL`));
      const erased = columns.map((column, index) =>
        withKeys(
          `UPDATE ${table} SET ${column} = NULL WHERE ${amongKeys}`,
          rows.slice(2 * index, 2 * index + 2),
        ),
      );
      return {
        what: `drop NOT NULL and set the content or the checksum of ${rows.length} rows to NULL`,
        statements: [...nullable('DROP'), ...erased],
        touched: rows,
        afterwards: nullable('SET'),
        changes: { corrupted: rows.length },
        findings: rows.map((row) => ({ kind: 'corrupted', ...at(row) })),
        isEverywhere: true,
      };
    },
  },
];

/** Flips the lowest bit of one character: another character of the same length. */
export function flipBit({ table, payloadBytes, random }: Stage, rows: readonly Row[]) {
  const flipped = 'chr(ascii(substr(payload, $3, 1)) # 1)';
  const text = `UPDATE ${table} SET payload = overlay(payload placing ${flipped} from $3)
    WHERE ${amongKeys}`;
  return withKeys(text, rows, upTo(payloadBytes, random));
}

/** With the matching checksum: only the version reveals the change. */
export function setVersion({ table }: Stage, row: Row, version: number) {
  const text = `UPDATE ${table} SET version = $3::int, checksum =
      hashtextextended(payload, ($3::int::int8 << 32) | seq::int8) # writer::int8
    WHERE ${amongKeys}`;
  return withKeys(text, [row], version);
}

function at({ writer, seq }: Row) {
  return { writer, from: seq, to: seq };
}
