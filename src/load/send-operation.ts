import type { Operation, Statement } from '../contracts/workload.ts';
import { type Answer, type Session, SqlError } from '../pg/connect.ts';
import { noData } from '../pg/outcome.ts';
import { messageOf } from '../std/errors.ts';

const begin = { text: 'BEGIN', values: [] };
const commit = { text: 'COMMIT', values: [] };
const rollback = { text: 'ROLLBACK', values: [] };

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
  { before, statement }: Operation,
): Promise<Answer<T>> {
  if (!before) return session.query<T>(statement);
  let answer: Answer<T>;
  try {
    await session.query(begin);
    for (const each of before) requireRows(each, (await session.query(each)).rowCount);
    answer = await session.query<T>(statement);
  } catch (error) {
    await rollBack(session);
    throw new NotCommitted(error);
  }
  await session.query(commit);
  return answer;
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
