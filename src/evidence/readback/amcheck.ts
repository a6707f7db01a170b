import type { NodeReading } from '../../contracts/evidence.ts';
import { messageOf } from '../../std/errors.ts';
import { SqlError, type Session } from '../../pg/session.ts';
import { isTransient } from './retry.ts';

interface Relation {
  readonly oid: number;
  readonly name: string;
  readonly kind: 'r' | 'i';
  /** Where the extension's functions are, quoted. */
  readonly home: string;
}

/**
 * Runs amcheck over a schema's tables and B-tree indexes on one node; works on standbys.
 * Returns nothing when the extension is absent: on the primary it was created before.
 * Errors: SqlError for a failure that a retry may fix; any other error of a check is a finding.
 */
export async function checkStructure(
  session: Session,
  schema: string,
): Promise<NodeReading['structure']> {
  const relations = await session.rows<Relation>(
    `SELECT c.oid::int8::int4 AS oid, c.oid::regclass::text AS name, c.relkind AS kind,
       e.extnamespace::regnamespace::text AS home
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam
       JOIN pg_extension e ON e.extname = 'amcheck'
     WHERE n.nspname = $1 AND (c.relkind = 'r' OR (c.relkind = 'i' AND a.amname = 'btree'))
     ORDER BY 2`,
    [schema],
  );
  const findings: { relation: string; message: string }[] = [];
  for (const relation of relations) {
    try {
      for (const message of await checkRelation(session, relation)) {
        findings.push({ relation: relation.name, message });
      }
    } catch (error) {
      if (!(error instanceof SqlError) || isTransient(error)) throw error;
      findings.push({ relation: relation.name, message: messageOf(error) });
    }
  }
  return findings;
}

async function checkRelation(
  session: Session,
  { oid, kind, home }: Relation,
): Promise<readonly string[]> {
  if (kind === 'i') {
    await session.rows(`SELECT ${home}.bt_index_check($1::int4::regclass, true)`, [oid]);
    return [];
  }
  const rows = await session.rows<{ message: string }>(
    `SELECT format('block %s, line pointer %s: %s', blkno, offnum, msg) AS message
     FROM ${home}.verify_heapam($1::int4::regclass)`,
    [oid],
  );
  return rows.map(({ message }) => message);
}
