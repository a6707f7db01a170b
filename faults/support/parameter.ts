import type { Cluster, Machine } from '../../src/contracts/cluster.ts';
import { ClusterError } from '../../src/std/errors.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { sqlOf } from './sql.ts';

const reloadTimeoutMs = 10_000;

/** The change of one server and its undo: statements, quoted by the server itself. */
export interface ParameterChange {
  readonly node: Machine;
  readonly parameter: string;
  readonly set: string;
  readonly restore: string;
  /** As SHOW shows it. */
  readonly before: string;
  /** Whether it overrides a value of a configuration file. */
  readonly isInFile: boolean;
  /** Open sessions keep the value that they started with. */
  readonly isForNewSessions: boolean;
}

interface Found {
  readonly context: string;
  readonly source: string;
  readonly sourcefile: string | null;
  readonly before: string;
  readonly set: string;
  readonly restore: string;
}

// The elements of a list are quoted one by one: as one literal, 'a, b' would be a single name. These parameters are the
// ones in PostgreSQL, dumputils.c, variable_is_guc_list_quote.
const planQuery = `
  WITH wanted AS (
    SELECT name, context, source, sourcefile, current_setting(name) AS before,
           name IN ('local_preload_libraries', 'search_path', 'session_preload_libraries',
                    'shared_preload_libraries', 'temp_tablespaces', 'unix_socket_directories') AS is_list
      FROM pg_settings WHERE lower(name) = lower($1)),
  altered AS (
    SELECT setting FROM pg_file_settings
     WHERE lower(name) = lower($1) AND sourcefile ~ 'postgresql[.]auto[.]conf$'
     ORDER BY seqno DESC LIMIT 1)
  SELECT context, source, sourcefile, before,
    format('ALTER SYSTEM SET %I = %s', name, literal($2, is_list)) AS set,
    CASE WHEN altered.setting IS NULL THEN format('ALTER SYSTEM RESET %I', name)
         ELSE format('ALTER SYSTEM SET %I = %s', name, literal(altered.setting, is_list)) END AS restore
    FROM wanted LEFT JOIN altered ON true`.replaceAll(
  /literal\(([^,]+), is_list\)/g,
  `CASE WHEN is_list
        THEN (SELECT string_agg(quote_literal(trim(part)), ', ') FROM unnest(string_to_array($1, ',')) AS part)
        ELSE quote_literal($1) END`,
);

/** Errors: ClusterError if the server has no such parameter, or a reload cannot change it. */
export async function planParameter(
  node: Machine,
  { parameter, value }: { readonly parameter: string; readonly value: string },
  signal: AbortSignal,
): Promise<ParameterChange> {
  const rows = await sqlOf(node).query(planQuery, [parameter, value], { signal });
  const found = rows[0] as Found | undefined;
  const refuse = (why: string) => new ClusterError(`${node.name}: ${parameter} ${why}`);
  if (!found) throw refuse('is not a parameter of this server');
  const { context, source, set, restore, before } = found;
  if (context === 'postmaster') throw refuse('needs a restart: a reload would not change it');
  if (context === 'internal') throw refuse('cannot be set at all');
  if (source === 'command line') {
    throw refuse("is set on the server's command line, which ALTER SYSTEM cannot override");
  }
  const isForNewSessions = ['backend', 'superuser-backend'].includes(context);
  const isInFile = found.sourcefile !== null && !found.sourcefile.endsWith('auto.conf');
  return { node, parameter, set, restore, before, isInFile, isForNewSessions };
}

/** Resolves when the server has loaded it. Errors: ClusterError with the server's message about the value. */
export async function applyParameter(change: ParameterChange, signal: AbortSignal): Promise<void> {
  const { node, parameter, set } = change;
  const sql = sqlOf(node);
  await sql.query(set, [], { signal });
  const loaded = 'SELECT extract(epoch FROM pg_conf_load_time())::text AS at';
  const [before] = await sql.query(loaded, [], { signal });
  await sql.query('SELECT pg_reload_conf()', [], { signal });
  await waitUntil(
    `${node.name} has loaded ${parameter}`,
    // Each statement has its own session, which starts with the configuration that the server has loaded by then.
    async () => (await sql.query(loaded, [], { signal }))[0]?.at !== before?.at,
    { timeoutMs: reloadTimeoutMs, signal },
  );
}

// Compared without quotes and blanks: the elements of a list are quoted one by one.
const lapseQuery = `
  SELECT CASE
    WHEN count(*) = 0 THEN 'is not in postgresql.auto.conf any more'
    WHEN bool_or(error IS NOT NULL) THEN 'is not applied: ' || min(error)
    WHEN NOT bool_or(translate(setting, '" ''', '') = translate($2::text, '" ''', ''))
      THEN 'is ' || min(setting) || ' in postgresql.auto.conf'
    END AS lapse
    FROM pg_file_settings
   WHERE lower(name) = lower($1) AND sourcefile ~ 'postgresql[.]auto[.]conf$'`;

/** Why the value of ALTER SYSTEM is no longer in force on one of them; undefined: it is, according to the files. */
export async function parameterLapse(
  targets: readonly Machine[],
  { parameter, value }: { readonly parameter: string; readonly value: string },
  { cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const found = await Promise.all(
    targets.map(async (node) => {
      const [row] = await sqlOf(node).query(lapseQuery, [parameter, value], { signal });
      const lapse = row?.lapse;
      return typeof lapse === 'string' ? [`${node.name}: ${parameter} ${lapse}`] : [];
    }),
  );
  const first = found.flat()[0];
  if (first === undefined) return undefined;
  // Source: Patroni, postgresql/config.py, _sanitize_auto_conf.
  const isPatronis = cluster.patroni && /^(recovery_|restore_command|primary_)/i.test(parameter);
  return isPatronis ? `${first}; Patroni removes recovery parameters from it` : first;
}
