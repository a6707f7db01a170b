import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Session } from '../pg/session.ts';
import { connect } from '../pg/connect.ts';
import { EnvironmentError, messageOf } from '../std/errors.ts';
import { run, runOk, start } from '../std/exec.ts';
import { temporaryFolder } from '../std/temporary-folder.ts';
import { waitUntil } from '../std/wait.ts';
import { programsFor } from './programs.ts';

const port = 5432;
const startTimeoutMs = 60_000;
const queryTimeoutMs = 120_000;

/** A copy of a data directory, as a server that only reads. Disposing it ends the server and removes its files. */
export interface StandaloneServer extends AsyncDisposable {
  session(database: string): Promise<Session>;
}

/**
 * Starts a copy of the copy, so that the evidence stays as it was taken: without a network, a primary to follow or an archive,
 * in namespaces of its own where this user may make them. Crash recovery replays its WAL on the old timeline.
 * Aborting the signal ends its sessions, and the wait for it.
 * Errors: EnvironmentError when there is no PostgreSQL of its version, or with the last lines of its log.
 */
export async function startStandalone(
  data: string,
  signal?: AbortSignal,
): Promise<StandaloneServer> {
  const version = (await readFile(path.join(data, 'PG_VERSION'), 'utf8')).trim();
  const programs = programsFor(version);
  const folder = await temporaryFolder('forkpoint-salvage-');
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await prepare(data, folder);
    return await serve(folder, { programs, signal }, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

async function prepare(data: string, folder: string): Promise<void> {
  const copy = path.join(folder, 'data');
  const fail = (message: string) => new EnvironmentError(message);
  await runOk(['cp', '-a', '--reflink=auto', data, copy], fail);
  const stale = [
    ...['standby.signal', 'recovery.signal', 'postmaster.pid', 'backup_label', 'tablespace_map'],
    // Patroni's and the operator's settings: paths, libraries and commands of another machine.
    'postgresql.auto.conf',
  ];
  for (const name of stale) await rm(path.join(copy, name), { force: true });
  await mkdir(path.join(folder, 'socket'));
  await writeFile(path.join(folder, 'pg_hba.conf'), 'local all all trust\n');
  await writeFile(path.join(folder, 'pg_ident.conf'), '');
  await writeFile(path.join(folder, 'postgresql.conf'), settingsIn(folder));
  if (process.getuid?.() !== 0) return;
  await runOk(['chown', '-R', 'postgres:', folder], fail);
  await runOk(['chmod', '700', copy], fail);
}

/** Large enough for what was under way at the crash, whatever the old primary ran with. */
function settingsIn(folder: string): string {
  const settings: Readonly<Record<string, string>> = {
    data_directory: `${folder}/data`,
    hba_file: `${folder}/pg_hba.conf`,
    ident_file: `${folder}/pg_ident.conf`,
    listen_addresses: '',
    port: String(port),
    unix_socket_directories: `${folder}/socket`,
    unix_socket_permissions: '0700',
    default_transaction_read_only: 'on',
    primary_conninfo: '',
    restore_command: '',
    archive_mode: 'off',
    fsync: 'off',
    autovacuum: 'off',
    max_connections: '100',
    max_prepared_transactions: '1000',
    max_locks_per_transaction: '256',
    shared_buffers: '32MB',
    logging_collector: 'off',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join('');
}

async function serve(
  folder: string,
  { programs, signal }: { readonly programs: string; readonly signal: AbortSignal | undefined },
  remove: () => Promise<void>,
): Promise<StandaloneServer> {
  const log = path.join(folder, 'log');
  const server = start(
    [
      ...(await entry()),
      path.join(programs, 'postgres'),
      '-c',
      `config_file=${folder}/postgresql.conf`,
    ],
    { stdin: 'ignore', stdout: 'ignore', stderr: { file: log }, reject: false, cwd: folder },
  );
  const state = { hasEnded: false };
  const ended = server.then(() => (state.hasEnded = true));
  const session = (database: string) => open(path.join(folder, 'socket'), database, signal);
  const stop = async (): Promise<void> => {
    // An immediate shutdown where it is the postmaster itself; else what entered the namespaces, and they end with it.
    server.kill('SIGQUIT');
    await ended;
    await remove();
  };
  try {
    await waitUntil(
      'the copy of the old primary answers',
      async () => {
        if (state.hasEnded) return true;
        await using one = await session('postgres');
        return one.isOpen;
      },
      { timeoutMs: startTimeoutMs, everyMs: 50, ...(signal && { signal }) },
    );
    if (state.hasEnded) throw new EnvironmentError('it has ended');
  } catch (error) {
    const said = await whyIn(log);
    await stop();
    throw new EnvironmentError(
      `the copy of the old primary does not start: ${messageOf(error)}: ${said}`,
      { cause: error },
    );
  }
  return { session, [Symbol.asyncDispose]: stop };
}

/** The first line of a server's log that says why it ended; else its last. */
async function whyIn(log: string): Promise<string> {
  const lines = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n');
  const bad = lines.filter(
    (line) => /(?:PANIC|FATAL):/.test(line) && !line.includes('database system is'),
  );
  return bad[0] ?? lines.at(-1) ?? '';
}

function open(host: string, database: string, signal: AbortSignal | undefined): Promise<Session> {
  // Superuser of every lab, and the account that initdb makes by default.
  const credentials = { user: 'postgres', database };
  return connect({ host, port }, credentials, {
    connectTimeoutMs: 2_000,
    queryTimeoutMs,
    applicationName: 'forkpoint salvage',
    settings: 'reader',
    ...(signal && { signal }),
  });
}

/** Namespaces of its own end all its processes with the first one. PostgreSQL refuses to run as root. */
async function entry(): Promise<readonly string[]> {
  const dies = ['setpriv', '--pdeathsig', 'KILL', '--'];
  if (process.getuid?.() !== 0) return dies;
  const apart = ['unshare', '-n', '-i', '-p', '-f', '--kill-child', '--mount-proc'];
  const account = ['--reuid=postgres', '--regid=postgres', '--init-groups'];
  // Said again after the change of account, which takes it back.
  const asPostgres = ['setpriv', ...account, '--pdeathsig', 'KILL', '--'];
  const { exitCode } = await run([...apart, 'true']);
  return exitCode === 0 ? [...dies, ...apart, ...asPostgres] : asPostgres;
}
