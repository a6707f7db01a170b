import { plain, type Planted } from '../damage.ts';

/** Rows of a table that has no identity are kept beside it and put back. */
export function deletedRows(
  { schema, table }: { readonly schema: string; readonly table: string },
  condition: string,
): Pick<Planted, 'statements' | 'afterwards'> {
  const kept = `${schema}.selftest_kept`;
  return {
    statements: [
      // A foreign key would refuse what damage does not ask for.
      plain('SET LOCAL session_replication_role = replica'),
      plain(`CREATE TABLE ${kept} AS SELECT * FROM ${table} WHERE ${condition}`),
      plain(`DELETE FROM ${table} WHERE ${condition}`),
    ],
    afterwards: [
      plain('SET LOCAL session_replication_role = replica'),
      plain(`INSERT INTO ${table} SELECT * FROM ${kept}`),
      plain(`DROP TABLE ${kept}`),
    ],
  };
}

/** A column is changed by an amount, and later by as much in the other direction. */
export function changedNumber(
  table: string,
  column: string,
  { by, where }: { readonly by: number; readonly where: string },
): Pick<Planted, 'statements' | 'afterwards'> {
  const change = (amount: number) =>
    plain(`UPDATE ${table} SET ${column} = ${column} + (${amount}) WHERE ${where}`);
  return { statements: [change(by)], afterwards: [change(-by)] };
}

/** Nothing that the ledger judges is touched. */
export const noRows: Pick<Planted, 'touched' | 'changes' | 'findings'> = {
  touched: [],
  changes: {},
  findings: [],
};
