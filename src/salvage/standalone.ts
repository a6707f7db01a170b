import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CopyServer, RunningCopy } from '../contracts/copy-server.ts';
import type { Session } from '../pg/session.ts';
import { connect } from '../pg/connect.ts';
import { EnvironmentError, messageOf } from '../std/errors.ts';
import { runOk } from '../std/exec.ts';
import { temporaryFolder } from '../std/temporary-folder.ts';
import { waitUntil } from '../std/wait.ts';

const port = 5432;
const startTimeoutMs = 60_000;
const queryTimeoutMs = 120_000;

/** A copy of a data directory, as a server that only reads. Disposing it ends the server and removes its files. */
export interface StandaloneServer extends AsyncDisposable {
  session(database: string): Promise<Session>;
}

/**
 * Starts a copy of the copy, so that the evidence stays as it was taken: without a network, a primary to follow or an archive.
 * Crash recovery replays its WAL on the old timeline. Aborting the signal ends its sessions, and the wait for it.
 * Errors: EnvironmentError, with the last lines of its log where it does not start.
 */
export async function startStandalone(
  data: string,
  server: CopyServer,
  signal?: AbortSignal,
): Promise<StandaloneServer> {
  const folder = await temporaryFolder('forkpoint-salvage-');
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  await prepare(data, folder);
  const running = cleanup.use(await server.start(folder));
  const session = (database: string) => open(path.join(folder, 'socket'), database, signal);
  await untilItAnswers(running, session, signal);
  const made = cleanup.move();
  return { session, [Symbol.asyncDispose]: () => made.disposeAsync() };
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

async function untilItAnswers(
  running: RunningCopy,
  session: StandaloneServer['session'],
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await waitUntil(
      'the copy of the old primary answers',
      async () => {
        if (running.hasEnded()) return true;
        await using one = await session('postgres');
        return one.isOpen;
      },
      { timeoutMs: startTimeoutMs, everyMs: 50, ...(signal && { signal }) },
    );
    if (running.hasEnded()) throw new EnvironmentError('it has ended');
  } catch (error) {
    const said = whyIn(await running.log());
    throw new EnvironmentError(
      `the copy of the old primary does not start: ${messageOf(error)}: ${said}`,
      { cause: error },
    );
  }
}

/** The first line of a server's log that says why it ended; else its last. */
function whyIn(log: string): string {
  const lines = log.trim().split('\n');
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
