import type { Statement } from '../contracts/workload.ts';
import type { Session } from '../pg/session.ts';
import { amongKeys, withKeys, type Planted } from './damage.ts';

/**
 * Damages a database. Returns how to repair it: every touched row is restored, or deleted if it did not exist before.
 */
export async function apply(
  session: Session,
  table: string,
  planted: Planted,
): Promise<() => Promise<void>> {
  const { statements, touched, beforehand = [], afterwards = [] } = planted;
  const [copy] = await session.rows<{ rows: string | null }>(
    ...textAndValues(
      withKeys(`SELECT json_agg(t)::text AS rows FROM ${table} AS t WHERE ${amongKeys}`, touched),
    ),
  );
  await inOneTransaction(session, statements);
  const mending = [
    ...beforehand,
    withKeys(`DELETE FROM ${table} WHERE ${amongKeys}`, touched),
    {
      text: `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1::json)`,
      values: [copy?.rows ?? '[]'],
    },
    ...afterwards,
  ];
  return () => inOneTransaction(session, mending);
}

async function inOneTransaction(session: Session, statements: readonly Statement[]): Promise<void> {
  await session.rows('BEGIN');
  for (const statement of statements) await session.query(statement);
  await session.rows('COMMIT');
}

function textAndValues({ text, values }: Statement): [string, readonly unknown[]] {
  return [text, values];
}
