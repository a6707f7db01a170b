import type { NodeReading } from '../../contracts/evidence.ts';
import type { TrackedTable } from '../../contracts/workload.ts';
import type { Session } from '../../pg/session.ts';
import { quoteIdentifier } from '../../pg/quote.ts';

/** Where a node keeps the rows of a tracked table. */
export interface ReadSource {
  /** To be read FROM: the table, and with it each of its partitions that is detached. */
  readonly from: string;
  readonly partitions: NodeReading['partitions'];
  readonly structure: NodeReading['structure'];
}

/**
 * Reads from the catalog which partitions are detached or gone. The rows of a detached one still exist, though no query of
 * the table finds them: they are read with it, and reported as a finding of its own instead of as lost rows.
 */
export async function readSource(
  session: Session,
  schema: string,
  table: TrackedTable,
): Promise<ReadSource> {
  const quoted = (name: string): string => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
  const own = quoted(table.name);
  const partitions: { name: string; rows: number }[] = [];
  const detached: string[] = [];
  const structure: { relation: string; message: string }[] = [];
  for (const [name, state] of await partitionStates(session, own, table.partitions.map(quoted))) {
    const bare = table.partitions.find((each) => quoted(each) === name) ?? name;
    const rows = state === 'gone' ? 0 : await countRows(session, name);
    partitions.push({ name: bare, rows });
    if (state === 'detached') detached.push(name);
    if (state !== 'attached') structure.push({ relation: bare, message: messageOf(state, rows) });
  }
  const columns = ['writer', 'seq', 'version', 'checksum', 'payload']
    .concat(table.idColumn === undefined ? [] : quoteIdentifier(table.idColumn))
    .join(', ');
  const { seedWriter } = table;
  const where = seedWriter === undefined ? '' : ` WHERE writer IS DISTINCT FROM ${seedWriter}`;
  const selects = [own, ...detached].map((name) => `SELECT ${columns} FROM ${name}${where}`);
  const isPlain = detached.length === 0 && where === '';
  const from = isPlain ? own : `(${selects.join(' UNION ALL ')}) AS tracked`;
  return { from, partitions, structure };
}

function messageOf(state: 'detached' | 'gone', rows: number): string {
  if (state === 'gone') return 'this partition does not exist, and its rows are gone with it';
  return `this partition is detached: its ${rows} rows exist, but no query of the table finds them. ATTACH it again`;
}

type PartitionState = 'attached' | 'detached' | 'gone';

async function partitionStates(
  session: Session,
  parent: string,
  names: readonly string[],
): Promise<readonly (readonly [name: string, state: PartitionState])[]> {
  if (names.length === 0) return [];
  // Through JSON: PostgreSQL 13 has no inhdetachpending.
  const rows = await session.rows<{ name: string; there: boolean; attached: boolean }>(
    `SELECT name, to_regclass(name) IS NOT NULL AS there, EXISTS (
       SELECT FROM pg_inherits i WHERE i.inhrelid = to_regclass(name) AND i.inhparent = $2::regclass
          AND to_jsonb(i) ->> 'inhdetachpending' IS DISTINCT FROM 'true') AS attached
     FROM unnest($1::text[]) WITH ORDINALITY AS given (name, place) ORDER BY place`,
    [names, parent],
  );
  return rows.map(({ name, there, attached }) => {
    return [name, attached ? 'attached' : there ? 'detached' : 'gone'] as const;
  });
}

async function countRows(session: Session, name: string): Promise<number> {
  const [row] = await session.rows<{ rows: number }>(
    `SELECT count(*)::float8 AS rows FROM ${name}`,
  );
  return row?.rows ?? 0;
}
