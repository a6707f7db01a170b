import type { SqlControl } from '../../src/contracts/cluster.ts';
import { ClusterError } from '../../src/std/errors.ts';
import { findRunTable } from './run-table.ts';

export type SchemaChangeKind = 'add-column' | 'rewrite-table' | 'create-index' | 'detach-partition';

/** Statements, quoted by the server; running either list again is harmless. */
export interface SchemaChange {
  readonly statements: readonly string[];
  readonly undo: readonly string[];
  /** What was detached, as SQL names it. */
  readonly partition?: string;
}

/** Errors: ClusterError if the run's table does not exist, or has no partition to detach. */
export async function planSchemaChange(
  sql: SqlControl,
  { kind, table }: { readonly kind: SchemaChangeKind; readonly table: string },
  run: { readonly id: string; readonly signal: AbortSignal; random(): number },
): Promise<SchemaChange> {
  const { signal } = run;
  const { schema, partitions } = await findRunTable(sql, table, signal);
  const name = `fault_${run.id.replaceAll(/\W/g, '_')}`;
  const ask = async (text: string, values: readonly string[]) => {
    const [row] = await sql.query(text, values, { signal });
    return row as unknown as Pair;
  };
  switch (kind) {
    case 'add-column':
      return single(await ask(column('int NOT NULL DEFAULT 0'), [schema, table, name]));
    case 'rewrite-table':
      return single(await ask(column('float8 NOT NULL DEFAULT random()'), [schema, table, name]));
    case 'create-index': {
      const tables = partitions.length > 0 ? partitions : [table];
      const each = tables.map((on) => ask(index, [schema, on, `${name}_${on}`]));
      return merged(await Promise.all(each));
    }
    case 'detach-partition': {
      const chosen = partitions[Math.floor(run.random() * partitions.length)];
      if (chosen === undefined) throw new ClusterError(`${table} has no partitions to detach`);
      const { part, ...pair } = await ask(detach, [schema, table, chosen]);
      return { ...single(pair), ...(part !== undefined && { partition: part }) };
    }
  }
}

const column = (definition: string) => `
  SELECT format('ALTER TABLE %I.%I ADD COLUMN IF NOT EXISTS %I ${definition}', $1::text, $2::text, $3::text) AS statement,
         format('ALTER TABLE IF EXISTS %I.%I DROP COLUMN IF EXISTS %I', $1::text, $2::text, $3::text) AS undo`;

const index = `
  SELECT format('CREATE INDEX CONCURRENTLY IF NOT EXISTS %I ON %I.%I (version)', $3::text, $1::text, $2::text) AS statement,
         format('DROP INDEX IF EXISTS %I.%I', $1::text, $3::text) AS undo`;

// Running either statement twice is an error, and a failover may have reverted either: so each checks the state first.
const detach = `
  SELECT format('DO %L', format('BEGIN IF %s THEN ALTER TABLE %s DETACH PARTITION %s; END IF; END',
           attached, parent, part)) AS statement,
         format('DO %L', format('BEGIN IF NOT %s AND to_regclass(%L) IS NOT NULL '
           'THEN ALTER TABLE %s ATTACH PARTITION %s %s; END IF; END',
           attached, part, parent, part, bound)) AS undo, part
    FROM (SELECT parent, part, pg_get_expr(relpartbound, oid) AS bound,
                 format('EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(%L))', part) AS attached
            FROM (SELECT format('%I.%I', $1::text, $2::text) AS parent,
                         format('%I.%I', $1::text, $3::text) AS part) AS names
            JOIN pg_class ON oid = to_regclass(part)) AS found`;

interface Pair {
  readonly statement: string;
  readonly undo: string;
  readonly part?: string;
}

function single(pair: Pair): SchemaChange {
  return merged([pair]);
}

function merged(pairs: readonly Pair[]): SchemaChange {
  return {
    statements: pairs.map(({ statement }) => statement),
    undo: pairs.map(({ undo }) => undo),
  };
}
