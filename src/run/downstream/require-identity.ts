import type { Session } from '../../pg/session.ts';
import { ScenarioError } from '../../std/errors.ts';
import { nameOfTable, type SourceTable } from './sink-query.ts';

/**
 * Whether changed and deleted rows are sent with the key that they are known by. PostgreSQL refuses updates and deletes of a published
 * table that has no replica identity at all. Errors: ScenarioError with the table that has none of writer and seq; SqlError.
 */
export async function requireIdentity(
  session: Session,
  sources: readonly SourceTable[],
): Promise<void> {
  const [found] = await session.rows<{ name: string }>(
    `SELECT c.oid::regclass::text AS name
     FROM unnest($1::text[]) source, pg_partition_tree(source::regclass) t JOIN pg_class c ON c.oid = t.relid
     WHERE t.isleaf AND c.relreplident <> 'f' AND NOT EXISTS (
       SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid
         AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END
         AND 2 = (SELECT count(*) FROM pg_attribute a
           WHERE a.attrelid = c.oid AND a.attname IN ('writer', 'seq') AND a.attnum = ANY (i.indkey)))`,
    [sources.map(nameOfTable)],
  );
  if (!found) return;
  throw new ScenarioError(
    `downstream follows updates and deletes, and the replica identity of ${found.name} has not writer and seq: give it PRIMARY KEY (writer, seq)`,
  );
}
