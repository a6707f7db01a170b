import type { SalvagedRow, SalvagedTransaction, SalvageTable } from '../contracts/salvage.ts';
import { quoteIdentifier, quoteLiteral } from '../pg/quote.ts';
import { nameOf } from './row-images.ts';

/** SQL that puts lost writes back, and how many it puts back. */
export interface PutBack {
  readonly text: string;
  readonly writes: number;
}

/**
 * Statements for psql that put rows back only where they are still absent, or still as they were before the lost write: to run them
 * twice changes nothing more. Rows that were written since are left alone, and named in a comment.
 */
export function putRowsBack(rows: readonly SalvagedRow[]): PutBack {
  const lines = rows.map((row) => {
    const statement = statementFor(row);
    if (statement === undefined) return leftOut(row);
    return `${statement};${row.isFromWal === true ? ' -- decoded from WAL' : ''}`;
  });
  const writes = rows.filter((row) => statementFor(row) !== undefined).length;
  return { text: lines.map((line) => `${line}\n`).join(''), writes };
}

/**
 * The same for whole transactions, each with its witness row, and only as a whole. One by one where it is sure that no other lost
 * transaction wrote to the same rows; all together where nothing was written since; else not at all.
 */
export function putTransactionsBack(all: readonly SalvagedTransaction[]): PutBack {
  const open = all.filter(({ rows }) => rows.at(-1)?.conflict !== 'present');
  const isFree = open.every(({ rows }) => rows.every(isPutBack));
  if (isFree) return { text: open.length === 0 ? '' : block(open), writes: open.length };
  const contested = new Set(
    all.flatMap(({ rows }) => rows.filter(({ conflict }) => conflict !== 'absent').map(tableOf)),
  );
  const isAlone = ({ rows, isComplete }: SalvagedTransaction) =>
    isComplete && rows.every((row) => row.conflict === 'absent' && !contested.has(tableOf(row)));
  const text = open.map((each) => (isAlone(each) ? block([each]) : leftOutWhole(each, contested)));
  return { text: text.join(''), writes: open.filter(isAlone).length };
}

function tableOf({ table }: SalvagedRow): string {
  return nameOf(table);
}

function isPutBack({ conflict }: SalvagedRow): boolean {
  return conflict === 'absent' || conflict === 'unchanged' || conflict === 'present';
}

/** Undefined: it is left alone. */
function statementFor(row: SalvagedRow): string | undefined {
  const { conflict, lost, present } = row;
  if (lost === null) return present === null ? undefined : remove(row, present);
  if (conflict === 'absent' || (conflict === 'unknown' && row.kind === 'insert')) {
    return insert(row, lost);
  }
  return conflict === 'unchanged' && present !== null ? change(row, lost, present) : undefined;
}

function insert({ table }: SalvagedRow, lost: string): string {
  const columns = table.columns.map(quoteIdentifier).join(', ');
  const name = nameOf(table);
  const isThere = `EXISTS (SELECT FROM ${name} AS t WHERE to_jsonb(t) = ${jsonb(lost)})`;
  const guard = table.key.length > 0 ? ' ON CONFLICT DO NOTHING' : ` WHERE NOT ${isThere}`;
  return `INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${recordOf(table, lost)}${guard}`;
}

function change({ table }: SalvagedRow, lost: string, present: string): string {
  const columns = table.columns.filter((column) => !table.made.includes(column));
  const set = columns.map(quoteIdentifier).map((column) => `${column} = want.${column}`);
  const from = `${recordOf(table, lost)} AS want`;
  return `UPDATE ${nameOf(table)} AS t SET ${set.join(', ')} FROM ${from} WHERE ${isStill(table, present)}`;
}

function remove({ table, key }: SalvagedRow, present: string): string {
  const from = `${recordOf(table, key)} AS want`;
  return `DELETE FROM ${nameOf(table)} AS t USING ${from} WHERE ${isStill(table, present)}`;
}

/** By the key for its index, and by all of the content. */
function isStill({ key }: SalvageTable, present: string): string {
  const same = key.map(quoteIdentifier).map((column) => `t.${column} = want.${column}`);
  return [...same, `to_jsonb(t) = ${jsonb(present)}`].join(' AND ');
}

function recordOf(table: SalvageTable, image: string): string {
  return `jsonb_populate_record(NULL::${nameOf(table)}, ${jsonb(image)})`;
}

function jsonb(text: string): string {
  return `${quoteLiteral(text)}::jsonb`;
}

/** One transaction of the server: a statement that touches no row takes all of it back. */
function block(transactions: readonly SalvagedTransaction[]): string {
  const body = transactions.map(({ rows }) => {
    const witness = rows.at(-1);
    if (!witness) return '';
    const there = `SELECT FROM ${nameOf(witness.table)} WHERE writer = ${witness.writer} AND seq = ${witness.seq}`;
    const steps = rows.flatMap((row) => {
      const statement = row.conflict === 'present' ? undefined : statementFor(row);
      if (statement === undefined) return [];
      const why = `'written since: %', ${quoteLiteral(row.key)}`;
      return `    ${statement};\n    IF NOT FOUND THEN RAISE EXCEPTION ${why}; END IF;\n`;
    });
    return `  IF NOT EXISTS (${there}) THEN\n${steps.join('')}  END IF;\n`;
  });
  const text = ` BEGIN\n${body.join('')}EXCEPTION WHEN raise_exception THEN RAISE WARNING 'left out: %', SQLERRM;\nEND `;
  const tag = dollarTag(text);
  return `DO ${tag}${text}${tag};\n`;
}

/** A value of the user's may hold any text: what ends the block is not in it. */
function dollarTag(text: string): string {
  for (let number = 0; ; number += 1) {
    const tag = `$forkpoint_salvage${number === 0 ? '' : number}$`;
    if (!text.includes(tag)) return tag;
  }
}

/** A name or a key with a line break would end the comment. */
function comment(text: string): string {
  return `-- ${text.replaceAll(/[\r\n]+/g, ' ')}`;
}

function leftOut(row: SalvagedRow): string {
  const what = `${row.kind} of ${nameOf(row.table)} ${row.key}`;
  return comment(`left out, ${row.conflict} on the primary: ${what}`);
}

function leftOutWhole({ rows }: SalvagedTransaction, contested: ReadonlySet<string>): string {
  const { writer, seq, xid } = rows.at(-1) ?? {};
  const why =
    rows.find((each) => each.conflict !== 'absent') ??
    rows.find((each) => contested.has(tableOf(each)));
  const about = why
    ? `${nameOf(why.table)} ${why.key}: ${why.conflict}`
    : 'a later lost transaction wrote some of its rows again';
  const what = `transaction of writer ${writer}, seq ${seq}, xid ${xid}`;
  return `${comment(`left out: ${what} (${about})`)}\n`;
}
