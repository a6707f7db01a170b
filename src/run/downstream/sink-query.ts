import type { DownstreamSpec } from '../../contracts/downstream.ts';
import { quoteIdentifier } from '../../pg/quote.ts';
import type { Session } from '../../pg/session.ts';
import { ClusterError, messageOf } from '../../std/errors.ts';
import { waitUntil } from '../../std/wait.ts';
import { soundness } from './soundness.ts';

export interface SourceTable {
  readonly schema: string;
  readonly table: string;
}

/** Quoted. */
export function nameOfTable({ schema, table }: SourceTable): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
}

/** Gives `writer`, `seq` and perhaps `sound` of each delivery; undefined: the consumer's own tables say it. */
export function sinkQueryOf(
  { consumer, sink }: DownstreamSpec,
  source: SourceTable,
): string | undefined {
  const table = nameOfTable(source);
  if (sink) return sink.query.replaceAll('{table}', () => table);
  if (consumer !== 'subscription') return undefined;
  const sound = soundness((column) => quoteIdentifier(column));
  return `SELECT writer, seq, ${sound} AS sound FROM ${table}`;
}

/** A delivery as a query gives it. */
export interface QueriedRow {
  readonly writer: number;
  readonly seq: number;
  /** null: the query does not say. */
  readonly sound: boolean | null;
}

/** Errors: ClusterError that names the column that is missing; SqlError. */
export async function rowsOfQuery(
  session: Session,
  name: string,
  query: string,
): Promise<readonly QueriedRow[]> {
  const rows = await session.rows<Record<string, unknown>>(query);
  return rows.map((row) => ({
    writer: wholeOf(row, 'writer', name),
    seq: wholeOf(row, 'seq', name),
    sound: typeof row.sound === 'boolean' ? row.sound : null,
  }));
}

function wholeOf(row: Readonly<Record<string, unknown>>, column: string, name: string): number {
  const value = row[column];
  const found = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof found === 'number' && Number.isSafeInteger(found)) return found;
  const said = value === undefined ? 'it has no such column' : `a row has ${JSON.stringify(value)}`;
  throw new ClusterError(
    `downstream.${name}.sink.query must give a whole number as ${column}, and ${said}`,
  );
}

/**
 * Waits until the sink has the same writes as the primary; by their number and the sum of their hashes, since nothing tells how
 * far such a consumer has come. Errors: ClusterError after the time, or when the query fails.
 */
export async function untilSameWrites(
  { name, query }: { readonly name: string; readonly query: string },
  sessions: { readonly primary: Session; readonly sink: Session; readonly source: SourceTable },
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const { primary, sink, source } = sessions;
  const wanted = await digestOf(primary, `SELECT writer, seq FROM ${nameOfTable(source)}`);
  const what = `consumer ${name} has delivered all`;
  const isThere = async () => (await digestOf(sink, query)) === wanted;
  await waitUntil(what, isThere, { timeoutMs, everyMs: 500, signal });
}

async function digestOf(session: Session, query: string): Promise<string> {
  try {
    const [row] = await session.rows<{ digest: string }>(
      `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(writer || ' ' || seq, 0)::numeric), 0) AS digest
       FROM (SELECT DISTINCT writer, seq FROM (${query}) delivered) each_once`,
    );
    return row?.digest ?? '';
  } catch (cause) {
    throw new ClusterError(`\`${query}\`: ${messageOf(cause)}`, { cause });
  }
}
