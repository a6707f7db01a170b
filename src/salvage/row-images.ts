import type { SalvageTable } from '../contracts/salvage.ts';
import { quoteIdentifier } from '../pg/quote.ts';
import type { Session } from '../pg/session.ts';

/** A row as PostgreSQL's own JSON: exact for every type, and its text is never parsed here, for numbers would be rounded. */
export interface RowImage {
  readonly image: string;
  readonly key: string;
  readonly xid: string;
  /** Which command of its transaction wrote it. */
  readonly command: number;
  /** Of a table that Forkpoint tracks; null elsewhere. */
  readonly version: string | null;
  readonly checksum: string | null;
  readonly payload: string | null;
}

const rowsPerQuery = 2_000;

export function nameOf({ schema, name }: Pick<SalvageTable, 'schema' | 'name'>): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** Every table with rows that a user's transaction can have written, of schemas of the run and of the user. Errors: SqlError. */
export async function tablesOf(
  session: Session,
  isOurs: (schema: string) => boolean,
): Promise<readonly SalvageTable[]> {
  const found = await session.rows<SalvageTable>(
    `SELECT n.nspname AS schema, c.relname AS name,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
              ORDER BY a.attnum) AS columns,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attidentity = 'a') AS made,
       ARRAY(SELECT a.attname::text FROM pg_index i
               CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, n)
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
              WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY k.n) AS key
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
       AND n.nspname !~ '^(pg_|information_schema$)'
     ORDER BY n.nspname, c.relname`,
  );
  return found.filter(({ schema }) => !schema.startsWith('forkpoint_') || isOurs(schema));
}

/** The rows with these keys, by the text that asked for each: JSON with the key's columns. Errors: SqlError. */
export async function rowsByKey(
  session: Session,
  table: SalvageTable,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, RowImage>> {
  const name = nameOf(table);
  // A row without a key is known by all of its content.
  const same =
    table.key.length > 0
      ? table.key
          .map(quoteIdentifier)
          .map((column) => `t.${column} = want.${column}`)
          .join(' AND ')
      : 'to_jsonb(t)::text = asked.text';
  const want =
    table.key.length > 0
      ? `CROSS JOIN LATERAL jsonb_populate_record(NULL::${name}, asked.text::jsonb) AS want`
      : '';
  const found = new Map<string, RowImage>();
  for (let from = 0; from < wanted.length; from += rowsPerQuery) {
    const rows = await session.rows<RowImage & { readonly asked: string }>(
      `SELECT asked.text AS asked, ${imageOf(table)}
         FROM unnest($1::text[]) AS asked (text) ${want} JOIN ${name} AS t ON ${same}`,
      [wanted.slice(from, from + rowsPerQuery)],
    );
    for (const { asked, ...row } of rows) found.set(asked, row);
  }
  return found;
}

/** The rows whose newest version one of these transactions wrote. Errors: SqlError. */
export async function rowsByTransaction(
  session: Session,
  table: SalvageTable,
  xids: readonly string[],
): Promise<readonly RowImage[]> {
  return session.rows<RowImage>(
    `SELECT ${imageOf(table)} FROM ${nameOf(table)} AS t WHERE t.xmin::text = ANY ($1::text[])`,
    [xids],
  );
}

function imageOf({ key }: SalvageTable): string {
  const pairs = key.flatMap((column) => [
    `'${column.replaceAll("'", "''")}'`,
    `t.${quoteIdentifier(column)}`,
  ]);
  const keyText =
    key.length > 0 ? `jsonb_build_object(${pairs.join(', ')})::text` : 'to_jsonb(t)::text';
  return `to_jsonb(t)::text AS image, ${keyText} AS key, t.xmin::text AS xid,
    t.cmin::text::int AS command, to_jsonb(t)->>'version' AS version, to_jsonb(t)->>'checksum' AS checksum,
    to_jsonb(t)->>'payload' AS payload`;
}
