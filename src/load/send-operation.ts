import type { Operation, Statement } from '../contracts/workload.ts';
import { type Answer, type Session, SqlError } from '../pg/session.ts';
import { noData } from '../pg/outcome.ts';
import type { ServerAddress } from '../routes/identity.ts';
import { messageOf } from '../std/errors.ts';

const commit = { text: 'COMMIT', values: [] };
const rollback = { text: 'ROLLBACK', values: [] };

/** Behind a pooler of transactions: what every transaction begins with, for another server may answer each. */
export interface Opening {
  readonly statement: Statement;
  heard(server: ServerAddress | undefined): void;
}

/** A transaction that ended before its COMMIT was sent: nothing of it can be in the database. */
export class NotCommitted extends Error {
  /** '' when no server said it. */
  readonly sqlState: string;

  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.name = 'NotCommitted';
    this.sqlState = cause instanceof SqlError ? cause.sqlState : '';
    if (cause instanceof OtherRows) this.sqlState = noData;
  }
}

/** A statement that touched fewer or more rows than its workload says it must. */
class OtherRows extends Error {}

/** Errors: OtherRows. */
function requireRows({ text, touches }: Statement, found: number): void {
  if (!touches || (found >= touches[0] && found <= touches[1])) return;
  throw new OtherRows(`${found} rows touched by \`${text}\``);
}

/**
 * Sends an operation to its end: one statement, or the statements of one transaction and its COMMIT.
 * Errors: NotCommitted when a transaction failed before its COMMIT; SqlError for everything else, also of the COMMIT.
 */
export async function sendOperation<T>(
  session: Session,
  { begin, before, statement }: Operation,
  opening?: Opening,
): Promise<Answer<T>> {
  if (!before && begin === undefined && !opening) return session.query<T>(statement);
  // A prepared statement stays with the server that a pooler gives to the next client.
  const prepared = opening ? unnamed : (one: Statement) => one;
  let answer: Answer<T>;
  try {
    await session.query({ text: begin ?? 'BEGIN', values: [] });
    if (opening) opening.heard((await session.query<ServerAddress>(opening.statement)).rows[0]);
    for (const each of before ?? []) {
      requireRows(each, (await session.query(prepared(each))).rowCount);
    }
    answer = await session.query<T>(prepared(statement));
  } catch (error) {
    await rollBack(session);
    throw new NotCommitted(error);
  }
  await session.query(commit);
  return answer;
}

function unnamed({ name: _, ...statement }: Statement): Statement {
  return statement;
}

/** The connection is given up where that fails: what it does next would be in the old transaction. */
async function rollBack(session: Session): Promise<void> {
  if (!session.isOpen) return;
  try {
    await session.query(rollback);
  } catch {
    session.destroy();
  }
}
