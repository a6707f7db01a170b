import type { Json } from '../contracts/json.ts';
import type { Rehearsal, Statement, Workload, WorkloadContext } from '../contracts/workload.ts';
import { type Session, SqlError } from '../pg/session.ts';
import { messageOf, ScenarioError } from '../std/errors.ts';

/** Further tries of each transaction: one that touches its rows by chance gives itself away in one of them. */
const furtherTries = 2;

/**
 * Tries before the load what the workload will send and ask: each transaction, rolled back, with the same values and so with the
 * same rows each time, and each invariant. Sequences go on all the same.
 * Errors: ScenarioError with the position in the user's file; SqlError when the connection is gone.
 */
export async function rehearse(
  session: Session,
  workload: Pick<Workload, 'rehearsals' | 'invariants'>,
  context: WorkloadContext<Json>,
): Promise<void> {
  for (const rehearsal of workload.rehearsals?.(context) ?? []) {
    const touched = await inTransaction(session, () => tryOut(session, rehearsal));
    for (let further = 0; further < furtherTries; further += 1) {
      await inTransaction(session, () => tryAgain(session, rehearsal, touched));
    }
  }
  for (const { name, says, statement } of workload.invariants?.(context) ?? []) {
    const [breach] = await inTransaction(session, () => asAuthors(session, statement));
    if (breach === undefined) continue;
    const where = positionOf(statement, undefined);
    const found = `${says}: the first breach is ${JSON.stringify(breach)}`;
    throw new ScenarioError(`${where}invariant '${name}' is broken before the load: ${found}`);
  }
}

/** Resolves to how many rows each statement touched. */
async function tryOut(session: Session, rehearsal: Rehearsal): Promise<readonly number[]> {
  const { name, statements, values } = rehearsal;
  const tried = values === '' ? '' : ` with ${values}`;
  const before = await rowsWritten(session);
  const touched: number[] = [];
  for (const statement of statements) {
    const found = await touchedBy(session, statement);
    touched.push(found);
    const [least, most] = statement.touches ?? [0, Infinity];
    if (found >= least && found <= most) continue;
    const demanded = least === most ? String(least) : `${least} to ${most}`;
    throw new ScenarioError(
      `${positionOf(statement, undefined)}${name}: says that it touches ${demanded} rows, and touched ${found}${tried}`,
    );
  }
  // A constraint that is checked at COMMIT.
  const [first] = statements;
  const now = { text: 'SET CONSTRAINTS ALL IMMEDIATE', values: [] };
  await asAuthors(session, { ...first, ...now });
  const after = await rowsWritten(session);
  if (rehearsal.mayWriteNothing || after === null || after !== before) return touched;
  const where = first ? positionOf(first, undefined) : '';
  throw new ScenarioError(
    `${where}${name} writes nothing${tried}: only its witness row could be lost`,
  );
}

/** A statement whose author says how many rows it touches was held to that. */
async function tryAgain(
  session: Session,
  { name, statements, values }: Rehearsal,
  touched: readonly number[],
): Promise<void> {
  for (const [index, statement] of statements.entries()) {
    const found = await touchedBy(session, statement);
    if (found === touched[index] || statement.touches) continue;
    const same = values === '' ? '' : ` with the same ${values}`;
    throw new ScenarioError(
      `${positionOf(statement, undefined)}${name}: touched ${touched[index] ?? 0} rows, and ${found} when tried again${same}: ` +
        'which rows it touches must follow from its values. If this is meant, write -- @rows 0.. before it',
    );
  }
}

async function inTransaction<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.rows('BEGIN');
  try {
    return await work();
  } finally {
    if (session.isOpen) await session.rows('ROLLBACK');
  }
}

/**
 * Rows written, in tables of users and of the system: also those that a function wrote. Those of the session's transactions just
 * before are counted, too, until the server has added them up. Null: the server does not count.
 */
async function rowsWritten(session: Session): Promise<number | null> {
  const [row] = await session.rows<{ written: number | null }>(
    `SELECT CASE current_setting('track_counts') WHEN 'on' THEN
       coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::float8 END AS written
     FROM pg_stat_xact_all_tables`,
  );
  return row?.written ?? null;
}

async function touchedBy(session: Session, statement: Statement): Promise<number> {
  try {
    return (await session.query(statement)).rowCount;
  } catch (error) {
    throw asAuthorsError(error, statement);
  }
}

async function asAuthors(session: Session, statement: Statement): Promise<readonly unknown[]> {
  try {
    return (await session.query(statement)).rows;
  } catch (error) {
    throw asAuthorsError(error, statement);
  }
}

/** indeterminate_datatype */
const untyped = '42P18';

/** A refusal of the server is the author's to mend; anything else is not. */
export function asAuthorsError(error: unknown, statement: Statement): unknown {
  if (!statement.source || !(error instanceof SqlError) || error.severity !== 'ERROR') return error;
  const where = positionOf(statement, error.position);
  const { parameters = [] } = statement.source;
  const message = messageOf(error).replaceAll(/\$(\d+)/g, (written, number: string) => {
    const name = parameters[Number(number) - 1];
    return name === undefined ? written : `:${name}`;
  });
  const advice = error.sqlState === untyped ? '; say it with a cast, such as ::int' : '';
  return new ScenarioError(`${where}${message}${advice} (SQLSTATE ${error.sqlState})`, {
    cause: error,
  });
}

/** `app.sql:3:12: `, of a 1-based character of the statement's text; '' for a statement of no file. */
function positionOf({ text, source }: Statement, character: number | undefined): string {
  if (!source) return '';
  // The server counts characters, and a JavaScript text has two units for some.
  const at = Array.from(text)
    .slice(0, (character ?? 1) - 1)
    .join('').length;
  const mark = source.marks.findLast((each) => each.at <= at);
  if (!mark) return `${source.file}: `;
  const column = mark.column + Array.from(text.slice(mark.at, at)).length;
  return `${source.file}:${mark.line}:${column}: `;
}
