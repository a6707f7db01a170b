import type { Cluster, Credentials, Endpoint, SinkServer } from '../../contracts/cluster.ts';
import type { DownstreamSpec } from '../../contracts/downstream.ts';
import { connect } from '../../pg/connect.ts';
import { quoteIdentifier, quoteLiteral } from '../../pg/quote.ts';
import type { Session } from '../../pg/session.ts';
import { ClusterError, messageOf } from '../../std/errors.ts';
import { nameOfTable, type SourceTable } from './sink-query.ts';

const timeoutMs = 30_000;

interface Column {
  readonly name: string;
  readonly type: string;
}

export interface Subscribed {
  readonly sources: readonly SourceTable[];
  readonly publication: string;
  /** Rows are updated or deleted, too. */
  readonly hasChanges: boolean;
}

/**
 * Makes the load's tables in the sink and subscribes to their publication, on whichever node is primary. The password stays in the
 * sink, which ends with the lab. Errors: ClusterError.
 */
export async function subscribe(
  { name, slot = name, failover }: DownstreamSpec,
  { sources, publication, hasChanges }: Subscribed,
  {
    primary,
    cluster,
    sink,
  }: { readonly primary: Session; readonly cluster: Cluster; readonly sink: SinkServer },
): Promise<void> {
  const tables: string[] = [];
  for (const source of sources) {
    tables.push(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(source.schema)}`);
    tables.push(await copyOf(source, { primary, hasChanges }));
  }
  const from = conninfo(sink.sources, cluster.credentials, sink.sourceRootFile);
  const statements = [
    // A statement that fails would be in its log, with the password.
    'SET log_min_error_statement = panic',
    'SET log_statement = none',
    ...tables,
    `CREATE SUBSCRIPTION ${quoteIdentifier(`forkpoint_${name}`)} CONNECTION ${quoteLiteral(from)}
     PUBLICATION ${quoteIdentifier(publication)} WITH (create_slot = false, slot_name = ${quoteLiteral(slot)}, copy_data = false${failover ? ', failover = true' : ''})`,
  ];
  try {
    await using session = await connect(sink.observer, sink.credentials, {
      connectTimeoutMs: timeoutMs,
      queryTimeoutMs: timeoutMs,
      applicationName: 'forkpoint downstream',
    });
    for (const statement of statements) await session.rows(statement);
  } catch (cause) {
    throw new ClusterError(
      `consumer ${name}: the sink could not subscribe to ${publication}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/**
 * DDL of a table with the same columns. It has no key, so that what comes twice is seen; but where rows are changed, the subscription
 * could not find them without one. (PostgreSQL, Logical Replication, Replica Identity)
 */
async function copyOf(
  source: SourceTable,
  { primary, hasChanges }: { readonly primary: Session; readonly hasChanges: boolean },
): Promise<string> {
  const columns = await primary.rows<Column>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [nameOfTable(source)],
  );
  const listed = columns.map((column) => `${quoteIdentifier(column.name)} ${column.type}`);
  const key = hasChanges ? ['PRIMARY KEY (writer, seq)'] : [];
  return `CREATE TABLE ${nameOfTable(source)} (${[...listed, ...key].join(', ')})`;
}

/** libpq's, for all nodes. */
function conninfo(
  endpoints: readonly Endpoint[],
  { user, database, password }: Credentials,
  rootFile: string | undefined,
): string {
  const tls = endpoints.find((endpoint) => endpoint.tls)?.tls;
  const parameters = {
    host: endpoints.map(({ host }) => host).join(),
    port: endpoints.map(({ port }) => port).join(),
    user,
    dbname: database,
    ...(password !== undefined && { password }),
    ...(tls && { sslmode: tls.mode }),
    ...(rootFile !== undefined && { sslrootcert: rootFile }),
    target_session_attrs: 'read-write',
    connect_timeout: '2',
  };
  return Object.entries(parameters)
    .map(([name, value]) => `${name}='${value.replaceAll(/[\\']/g, '\\$&')}'`)
    .join(' ');
}
