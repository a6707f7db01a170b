import type { Credentials, Machine } from '../../src/contracts/cluster.ts';

const settings = `
  SELECT current_setting('unix_socket_directories') AS sockets,
         current_setting('port') AS port,
         current_setting('data_directory') AS data,
         CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END AS role`;

/** A server that does not answer has no such long time: its command may be what makes it answer again. */
const answerTimeoutMs = 5_000;

/**
 * The variables of a command that runs on a node: NODE is its name; ROLE is `primary`, `replica`, or `down` where the server does not answer.
 * PGHOST, PGPORT, PGDATA, PGUSER and PGDATABASE lead to the node's own server, as libpq reads them. POSTMASTER_PID and
 * POSTGRES_PIDS are this node's processes, as the node numbers them. What is not known is not set. No password is in it.
 */
export async function contextOf(
  node: Machine,
  { user, database }: Credentials,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const [server, processes] = await Promise.all([
    serverOf(node, signal),
    node.process?.servers().catch(() => undefined),
  ]);
  const postmaster = processes?.find(({ kind }) => kind === 'postmaster');
  const known: Readonly<Record<string, string | undefined>> = {
    NODE: node.name,
    ROLE: node.sql && (server?.ROLE ?? 'down'),
    PGDATA: node.files?.dataFolder,
    ...server,
    PGUSER: server && user,
    PGDATABASE: server && database,
    POSTMASTER_PID: postmaster && String(postmaster.pid),
    POSTGRES_PIDS: processes?.map(({ pid }) => pid).join(' '),
  };
  return Object.fromEntries(
    Object.entries(known).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function serverOf(
  { sql }: Machine,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const [row] = (await sql?.query(settings, [], { signal, timeoutMs: answerTimeoutMs })) ?? [];
    if (!row) return undefined;
    const socket = String(row.sockets).split(',')[0]?.trim() ?? '';
    return {
      PGHOST: socket === '' ? 'localhost' : socket,
      PGPORT: String(row.port),
      PGDATA: String(row.data),
      ROLE: String(row.role),
    };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
