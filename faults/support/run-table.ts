import type { SqlControl } from '../../src/contracts/cluster.ts';
import { ClusterError } from '../../src/std/errors.ts';

export interface RunTable {
  readonly schema: string;
  /** With its schema, as SQL names it. */
  readonly quoted: string;
  /** Names of its table partitions, in order; empty if it has none. */
  readonly partitions: readonly string[];
}

/** Each run has its own schema, named by its time: the last one belongs to the current run. Groups with workloads of their own have others. */
const findTable = `
  SELECT n.nspname AS schema, format('%I.%I', n.nspname, c.relname) AS quoted,
         ARRAY(SELECT child.relname::text FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
                WHERE inhparent = c.oid ORDER BY inhrelid) AS partitions
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.relname = $1 AND c.relkind IN ('r', 'p') AND n.nspname LIKE 'forkpoint\\_%'
     AND n.nspname !~ '_g[0-9]+$'
   ORDER BY n.nspname DESC LIMIT 1`;

/** Errors: ClusterError if the run has no such table. */
export async function findRunTable(
  sql: SqlControl,
  table: string,
  signal: AbortSignal,
): Promise<RunTable> {
  const [found] = (await sql.query(findTable, [table], {
    signal,
  })) as unknown as readonly RunTable[];
  if (found) return found;
  throw new ClusterError(`the run has no table called ${table}`);
}
