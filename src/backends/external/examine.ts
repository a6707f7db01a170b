import type { Versions } from '../../contracts/cluster.ts';
import { erasingSettings } from '../../patroni/erasing-settings.ts';
import { http, jsonOf } from '../../patroni/http.ts';
import { connect } from '../../pg/connect.ts';
import { remedyFor } from '../../pg/remedy.ts';
import { messageOf } from '../../std/errors.ts';
import { listed } from '../../std/units/shown.ts';
import type { NodeAccess } from './access.ts';

export interface Examination {
  /** Why no run can begin, with what to do; empty: it can. */
  readonly problems: readonly string[];
  /** What a person should know. */
  readonly notes: readonly string[];
  readonly versions: Versions;
}

const timeoutMs = 5_000;

export interface Server {
  readonly name: string;
  readonly version: string;
  readonly isPrimary: boolean;
  readonly problems: readonly string[];
  /** Timeline histories, and the WAL before a fork: what the cause of a loss is found by. */
  readonly mayReadWal: boolean;
}

export interface Rest {
  readonly members: readonly string[];
  readonly isPaused: boolean;
  readonly version: string | undefined;
  /** Settings that erase evidence of a loss. */
  readonly erases: readonly string[];
}

/** Asks every server and every Patroni, all at once. Only reads. Errors: the signal's reason when aborted. */
export async function examine(
  accesses: readonly NodeAccess[],
  signal: AbortSignal,
): Promise<Examination> {
  const problems: string[] = [];
  const keep = async <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      signal.throwIfAborted();
      problems.push(messageOf(error));
      return undefined;
    });
  const [servers, rests] = await Promise.all([
    Promise.all(accesses.map((access) => keep(examineServer(access, signal)))),
    Promise.all(
      accesses.flatMap((access) => (access.rest ? [keep(examineRest(access, signal))] : [])),
    ),
  ]);
  const answered = servers.filter((server) => server !== undefined);
  if (answered.length === accesses.length) problems.push(...problemsOf(answered));
  const managers = rests.filter((rest) => rest !== undefined);
  problems.push(...strangersIn(accesses, managers));
  return {
    problems,
    notes: [
      ...(managers.some(({ isPaused }) => isPaused)
        ? ['Patroni is paused (maintenance mode): it will fail over to no other node']
        : []),
      ...(answered.some(({ mayReadWal }) => !mayReadWal) ? [noWal(accesses)] : []),
    ],
    versions: {
      postgres: answered[0]?.version ?? '',
      patroni: managers[0]?.version ?? (managers.length > 0 ? 'unknown' : 'none'),
      dcs: managers.length > 0 ? 'unknown' : 'none',
    },
  };
}

/** Rights in one database, which replicas have by replication. */
function noWal([first]: readonly NodeAccess[]): string {
  const { user = '', database = '' } = first?.credentials ?? {};
  const functions = 'pg_read_file(text), pg_read_binary_file(text, bigint, bigint, boolean)';
  return (
    `${user} may not read pg_wal, so a loss would have no known cause, and a run that loses writes is unknown; ` +
    `as a superuser in ${database}: GRANT pg_read_server_files TO ${user}; GRANT EXECUTE ON FUNCTION ${functions} TO ${user}`
  );
}

function problemsOf(servers: readonly Server[]): readonly string[] {
  const primaries = servers.filter(({ isPrimary }) => isPrimary);
  if (primaries.length === 1) return primaries.flatMap(({ problems }) => problems);
  const names = listed((primaries.length === 0 ? servers : primaries).map(({ name }) => name));
  if (primaries.length > 0) {
    return [`${names} are primaries, so they are no one cluster; name the nodes of one cluster`];
  }
  return [
    servers.length === 1
      ? `${names} is a hot standby and takes no writes; name the primary too`
      : `${names} are hot standbys and take no writes; name the primary too`,
  ];
}

export async function examineServer(access: NodeAccess, signal: AbortSignal): Promise<Server> {
  const { name, endpoint, credentials } = access;
  try {
    await using session = await connect(endpoint, credentials, {
      connectTimeoutMs: timeoutMs,
      queryTimeoutMs: timeoutMs,
      settings: 'reader',
      signal,
    });
    const [row] = await session.rows<ServerRow>(question);
    if (!row) throw new Error('no answer');
    return {
      name,
      version: row.version.split(' ')[0] ?? '',
      isPrimary: !row.recovering,
      problems: rightsMissing(row, access),
      mayReadWal: row.may_read_wal,
    };
  } catch (error) {
    // A server without a name of its own is named in the message already.
    const where = name === endpoint.host ? '' : `${name}: `;
    throw new Error(`${where}${messageOf(error)}${remedyFor(error)}`, { cause: error });
  }
}

interface ServerRow {
  readonly version: string;
  readonly recovering: boolean;
  readonly may_create: boolean;
  readonly may_look: boolean;
  readonly is_read_only: boolean;
  readonly may_read_wal: boolean;
}

const question = `
  SELECT current_setting('server_version') AS version,
    pg_is_in_recovery() AS recovering,
    has_database_privilege(current_database(), 'CREATE') AS may_create,
    pg_has_role('pg_monitor', 'USAGE') AS may_look,
    current_setting('default_transaction_read_only') = 'on' AS is_read_only,
    pg_has_role('pg_read_server_files', 'USAGE') AND
      has_function_privilege('pg_read_file(text)', 'EXECUTE') AND
      has_function_privilege('pg_read_binary_file(text,bigint,bigint,boolean)', 'EXECUTE') AS may_read_wal`;

function rightsMissing(row: ServerRow, { name, credentials }: NodeAccess): readonly string[] {
  const { user, database } = credentials;
  return [
    ...(row.may_create
      ? []
      : [
          `${name}: ${user} may make no schema in ${database}; as its owner: GRANT CREATE ON DATABASE ${database} TO ${user}`,
        ]),
    ...(row.may_look
      ? []
      : [`${name}: ${user} cannot see replication; as a superuser: GRANT pg_monitor TO ${user}`]),
    ...(row.is_read_only
      ? [`${name}: sessions of ${user} are read-only; reset default_transaction_read_only`]
      : []),
  ];
}

interface ClusterAnswer {
  readonly members?: readonly { readonly name: string }[];
  readonly pause?: boolean;
}

export async function examineRest({ name, rest }: NodeAccess, signal: AbortSignal): Promise<Rest> {
  const ask = async (path: string) => {
    if (!rest) throw new Error('no REST address');
    return http(rest, { method: 'GET', path, timeoutMs, signal });
  };
  try {
    const cluster = jsonOf(await ask('/cluster')) as ClusterAnswer;
    // GET /patroni answers 503 where PostgreSQL is down; what it says is good all the same.
    const status = JSON.parse((await ask('/patroni')).text) as {
      readonly patroni?: { readonly version?: string };
    };
    return {
      members: (cluster.members ?? []).map((member) => member.name),
      isPaused: cluster.pause === true,
      version: status.patroni?.version,
      erases: erasingSettings(jsonOf(await ask('/config'))).map(({ setting }) => setting),
    };
  } catch (error) {
    const what = `${name}: Patroni's REST interface: ${messageOf(error)}`;
    throw new Error(
      `${what}; check its address, patroni.tls and patroni.auth in the cluster file`,
      {
        cause: error,
      },
    );
  }
}

/** Nodes of the file that Patroni does not know, and members that the file does not name. */
function strangersIn(accesses: readonly NodeAccess[], rests: readonly Rest[]): readonly string[] {
  if (rests.length === 0) return [];
  const members = new Set(rests.flatMap((rest) => rest.members));
  const named = new Set(accesses.map(({ name }) => name));
  const unknown = [...named].filter((name) => !members.has(name));
  const missing = [...members].filter((name) => !named.has(name));
  const known = [...members].join(', ');
  return [
    ...unknown.map(
      (name) =>
        `${name}: Patroni has no member of this name; its members are ${known}: use these names`,
    ),
    ...missing.map(
      (name) =>
        `${name}: a member of Patroni's cluster that the cluster file does not name; add it`,
    ),
  ];
}
