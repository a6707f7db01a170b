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

/** Gives `writer`, `seq` and perhaps `sound` of each delivery. */
export interface SinkQuery {
  readonly text: string;
  /** It gives `version`, too: it reads rows that are updated and deleted in place. */
  readonly hasVersion: boolean;
}

/** `sources`: the load's tables, its own first. Undefined: the consumer's own tables say it. */
export function sinkQueryOf(
  { consumer, sink }: DownstreamSpec,
  sources: readonly SourceTable[],
): SinkQuery | undefined {
  const [own] = sources;
  if (sink && own) {
    const text = sink.query.replaceAll('{table}', () => nameOfTable(own));
    return { text, hasVersion: false };
  }
  if (consumer !== 'subscription') return undefined;
  const sound = soundness((column) => quoteIdentifier(column));
  return { text: rowsOf(sources, `writer, seq, version, ${sound} AS sound`), hasVersion: true };
}

function rowsOf(sources: readonly SourceTable[], columns: string): string {
  return sources
    .map((source) => `SELECT ${columns} FROM ${nameOfTable(source)}`)
    .join(' UNION ALL ');
}

/** A delivery as a query gives it. */
export interface QueriedRow {
  readonly writer: number;
  readonly seq: number;
  /** 0: the query does not give it. */
  readonly version: number;
  /** null: the query does not say. */
  readonly sound: boolean | null;
}

/** Errors: ClusterError for a query that fails, or lacks a column; SqlError. */
export async function rowsOfQuery(
  session: Session,
  name: string,
  { text, hasVersion }: SinkQuery,
): Promise<readonly QueriedRow[]> {
  // Else a query without these columns that gives no row would be a sink without a write.
  const columns = hasVersion ? 'writer, seq, version' : 'writer, seq';
  await session.rows(`SELECT ${columns} FROM (${text}) given LIMIT 0`).catch((cause: unknown) => {
    const what = `downstream.${name}.sink.query must give ${columns} of each delivery: ${messageOf(cause)}`;
    throw new ClusterError(what, { cause });
  });
  const rows = await session.rows<Record<string, unknown>>(text);
  return rows.map((row) => ({
    writer: wholeOf(row, 'writer', name),
    seq: wholeOf(row, 'seq', name),
    version: hasVersion ? wholeOf(row, 'version', name) : 0,
    sound: typeof row.sound === 'boolean' ? row.sound : null,
  }));
}

function wholeOf(row: Readonly<Record<string, unknown>>, column: string, name: string): number {
  const value = row[column];
  const found = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof found === 'number' && Number.isSafeInteger(found)) return found;
  throw new ClusterError(
    `downstream.${name}.sink.query must give a whole number as ${column}, and a row has ${JSON.stringify(value)}`,
  );
}

/**
 * Waits until the sink has the same writes as the primary; by their number and the sum of their hashes, since nothing tells how
 * far such a consumer has come. Errors: ClusterError after the time, or when the query fails.
 */
export async function untilSameWrites(
  { name, query }: { readonly name: string; readonly query: SinkQuery },
  sessions: Sessions,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const { primary, sink, sources } = sessions;
  const key = query.hasVersion ? ['writer', 'seq', 'version'] : ['writer', 'seq'];
  const wanted = await digestOf(primary, rowsOf(sources, key.join(', ')), key);
  const what = `consumer ${name} has delivered all`;
  const isThere = async () => (await digestOf(sink, query.text, key)) === wanted;
  await waitUntil(what, isThere, { timeoutMs, everyMs: 500, signal });
}

interface Sessions {
  readonly primary: Session;
  readonly sink: Session;
  readonly sources: readonly SourceTable[];
}

/** Rows that were there before the load have a negative writer; consumers' copies of them are not judged. */
async function digestOf(session: Session, query: string, key: readonly string[]): Promise<string> {
  try {
    const [row] = await session.rows<{ digest: string }>(
      `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(${key.join(" || ' ' || ")}, 0)::numeric), 0) AS digest
       FROM (SELECT DISTINCT ${key.join(', ')} FROM (${query}) delivered WHERE writer >= 0) each_once`,
    );
    return row?.digest ?? '';
  } catch (cause) {
    throw new ClusterError(`\`${query}\`: ${messageOf(cause)}`, { cause });
  }
}
