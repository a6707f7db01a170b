import type { Cluster, Node } from '../../src/contracts/cluster.ts';
import { ClusterError } from '../../src/std/errors.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { sqlOf } from './sql.ts';

const reloadTimeoutMs = 10_000;

/** What is going to be done to one server, and how it is taken back: statements, quoted by the server itself. */
export interface ParameterChange {
  readonly node: Node;
  readonly parameter: string;
  readonly set: string;
  readonly restore: string;
  /** As SHOW shows it. */
  readonly before: string;
  /** What it goes before: a value of some configuration file. */
  readonly isInFile: boolean;
  /** Sessions that are open keep the value they began with. */
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

// A list whose elements are quoted one by one: as one literal, 'a, b' would be a single odd name. The names are those of
// PostgreSQL, dumputils.c, variable_is_guc_list_quote.
const question = `
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

/** Errors: ClusterError when the server has no such parameter, or none that a reload could change. */
export async function planParameter(
  node: Node,
  { parameter, value }: { readonly parameter: string; readonly value: string },
  signal: AbortSignal,
): Promise<ParameterChange> {
  const rows = await sqlOf(node).query(question, [parameter, value], { signal });
  const found = rows[0] as Found | undefined;
  const refuse = (why: string) => new ClusterError(`${node.name}: ${parameter} ${why}`);
  if (!found) throw refuse('is no parameter of this server');
  const { context, source, set, restore, before } = found;
  if (context === 'postmaster') throw refuse('needs a restart: a reload would not change it');
  if (context === 'internal') throw refuse('cannot be set at all');
  if (source === 'command line') {
    throw refuse("is given on the server's command line, where ALTER SYSTEM does not reach");
  }
  const isForNewSessions = ['backend', 'superuser-backend'].includes(context);
  const isInFile = found.sourcefile !== null && !found.sourcefile.endsWith('auto.conf');
  return { node, parameter, set, restore, before, isInFile, isForNewSessions };
}

/** Resolves when the server has loaded it. Errors: ClusterError with what the server said of the value. */
export async function applyParameter(change: ParameterChange, signal: AbortSignal): Promise<void> {
  const { node, parameter, set } = change;
  const sql = sqlOf(node);
  await sql.query(set, [], { signal });
  const loaded = 'SELECT extract(epoch FROM pg_conf_load_time())::text AS at';
  const [before] = await sql.query(loaded, [], { signal });
  await sql.query('SELECT pg_reload_conf()', [], { signal });
  await waitUntil(
    `${node.name} has loaded ${parameter}`,
    // Each statement has a session of its own, so it begins with what the server has loaded by then.
    async () => (await sql.query(loaded, [], { signal }))[0]?.at !== before?.at,
    { timeoutMs: reloadTimeoutMs, signal },
  );
}

// Without quotes and blanks: the elements of a list are quoted one by one.
const lapseQuestion = `
  SELECT CASE
    WHEN count(*) = 0 THEN 'is not in postgresql.auto.conf any more'
    WHEN bool_or(error IS NOT NULL) THEN 'is not applied: ' || min(error)
    WHEN NOT bool_or(translate(setting, '" ''', '') = translate($2::text, '" ''', ''))
      THEN 'is ' || min(setting) || ' in postgresql.auto.conf'
    END AS lapse
    FROM pg_file_settings
   WHERE lower(name) = lower($1) AND sourcefile ~ 'postgresql[.]auto[.]conf$'`;

/** Why what ALTER SYSTEM set is no longer in force on one of them; undefined: it is, as far as files say. */
export async function parameterLapse(
  targets: readonly Node[],
  { parameter, value }: { readonly parameter: string; readonly value: string },
  { cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const found = await Promise.all(
    targets.map(async (node) => {
      const [row] = await sqlOf(node).query(lapseQuestion, [parameter, value], { signal });
      const lapse = row?.lapse;
      return typeof lapse === 'string' ? [`${node.name}: ${parameter} ${lapse}`] : [];
    }),
  );
  const first = found.flat()[0];
  if (first === undefined) return undefined;
  // Source: Patroni, postgresql/config.py, _sanitize_auto_conf.
  const isPatronis = cluster.patroni && /^(recovery_|restore_command|primary_)/i.test(parameter);
  return isPatronis ? `${first}; Patroni takes parameters of recovery out of it` : first;
}
