import type { Outcome } from '../contracts/evidence.ts';
import type { LoadSpec } from '../contracts/scenario.ts';
import type { Operation, Statement, Writer } from '../contracts/workload.ts';

type Options = Pick<LoadSpec, 'isolation' | 'synchronousCommit' | 'savepoints'>;

const savepoint: Statement = { text: 'SAVEPOINT forkpoint', values: [] };
const release: Statement = { text: 'RELEASE SAVEPOINT forkpoint', values: [] };
/** A savepoint of a workload's own ends with the one around it. */
const control = /^\s*(?:savepoint|release|rollback)\b/i;

/**
 * The writer whose operations are transactions as `load:` says; the same one where it says nothing. In the transaction, and not
 * set for the session: a pooler gives a session to others.
 */
export function withTransactionOptions(writer: Writer, options: Options): Writer {
  const begin = beginOf(options);
  if (begin === undefined && !options.savepoints) return writer;
  return {
    next: () => {
      const operation = writer.next();
      const own = operation.before ?? [];
      const before = options.savepoints ? [...own.flatMap(inSavepoint), savepoint] : own;
      return { ...operation, before, ...(begin !== undefined && { begin }) };
    },
    settle: (operation: Operation, outcome: Outcome) => writer.settle(operation, outcome),
  };
}

function beginOf({ isolation, synchronousCommit }: Options): string | undefined {
  if (isolation === undefined && synchronousCommit === undefined) return undefined;
  const level = isolation === undefined ? '' : ` ISOLATION LEVEL ${isolation.toUpperCase()}`;
  const commit =
    synchronousCommit === undefined ? '' : `; SET LOCAL synchronous_commit TO ${synchronousCommit}`;
  return `BEGIN${level}${commit}`;
}

function inSavepoint(statement: Statement): readonly Statement[] {
  return control.test(statement.text) ? [statement] : [savepoint, statement, release];
}
