import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CopyServer, RunningCopy } from '../contracts/copy-server.ts';
import type { Endpoint } from '../contracts/endpoint.ts';
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
  readonly endpoint: Endpoint;
  session(database: string): Promise<Session>;
}

export interface StandaloneOptions {
  readonly signal?: AbortSignal | undefined;
  /** For messages; default: the copy of the old primary. */
  readonly name?: string;
  /** Files that go on where the WAL of the copy ends; crash recovery replays them, too. */
  readonly laterWal?: readonly string[];
  /** The copy is a base backup, and is restored from an archive; absent: crash recovery of its own WAL. */
  readonly recovery?: Recovery;
}

export interface Recovery {
  /** Folder with the files of WAL, which are copied too. */
  readonly archive: string;
  /** Gives one of them from the copy; absent: it has the files themselves. */
  readonly command?: (place: { readonly archive: string; readonly data: string }) => string;
  /** Recovery ends before the record that begins there; absent: at the end of the archive. It follows the newest timeline. */
  readonly toLsn?: string;
}

/**
 * Starts a copy of the copy, so that the evidence stays as it was taken: without a network, a primary to follow or an archive.
 * Crash recovery replays its WAL on the old timeline; a restored one is promoted where its recovery ends. Aborting the signal ends its
 * sessions, and the wait for it.
 * Errors: EnvironmentError, with the last lines of its log where it does not start.
 */
export async function startStandalone(
  data: string,
  server: CopyServer,
  options: StandaloneOptions = {},
): Promise<StandaloneServer> {
  const { signal, name = 'the copy of the old primary' } = options;
  const folder = await temporaryFolder('salvage');
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  await prepare(data, folder, options);
  const running = cleanup.use(await server.start(folder));
  const endpoint = { host: path.join(folder, 'socket'), port };
  const session = (database: string) => open(endpoint, database, signal);
  await untilItAnswers(running, session, { name, signal });
  const made = cleanup.move();
  return { endpoint, session, [Symbol.asyncDispose]: () => made.disposeAsync() };
}

async function prepare(
  data: string,
  folder: string,
  { laterWal = [], recovery }: StandaloneOptions,
): Promise<void> {
  const copy = path.join(folder, 'data');
  const fail = (message: string) => new EnvironmentError(message);
  await runOk(['cp', '-a', '--reflink=auto', data, copy], fail);
  const stale = [
    ...['standby.signal', 'recovery.signal', 'postmaster.pid'],
    // Without them a base backup is no consistent one; in a copy of a server's own files they would be of an earlier backup.
    ...(recovery ? [] : ['backup_label', 'tablespace_map']),
    // Patroni's and the operator's settings: paths, libraries and commands of another machine.
    'postgresql.auto.conf',
  ];
  for (const name of stale) await rm(path.join(copy, name), { force: true });
  for (const file of laterWal) {
    await copyFile(file, path.join(copy, 'pg_wal', path.basename(file)));
  }
  await mkdir(path.join(folder, 'socket'));
  await writeFile(path.join(folder, 'pg_hba.conf'), 'local all all trust\n');
  await writeFile(path.join(folder, 'pg_ident.conf'), '');
  await writeFile(path.join(folder, 'postgresql.conf'), settingsIn(folder, recovery));
  if (!recovery) return;
  await writeFile(path.join(copy, 'recovery.signal'), '');
  await runOk(['cp', '-r', '--sparse=always', recovery.archive, path.join(folder, 'wal')], fail);
}

/** Large enough for what was under way at the crash, whatever the old primary ran with. */
function settingsIn(folder: string, recovery: Recovery | undefined): string {
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
    ...(recovery && recoverySettings(folder, recovery)),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join('');
}

function recoverySettings(
  folder: string,
  { command, toLsn }: Recovery,
): Readonly<Record<string, string>> {
  const place = { archive: `${folder}/wal`, data: `${folder}/data` };
  return {
    // It runs in the data directory.
    restore_command: command?.(place) ?? 'cp ../wal/%f "%p"',
    recovery_target_timeline: 'latest',
    recovery_target_action: 'promote',
    ...(toLsn !== undefined && { recovery_target_lsn: toLsn, recovery_target_inclusive: 'off' }),
    // It answers once it is restored, whatever limits the old primary ran with.
    hot_standby: 'off',
  };
}

async function untilItAnswers(
  running: RunningCopy,
  session: StandaloneServer['session'],
  { name, signal }: { readonly name: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  try {
    await waitUntil(
      `${name} answers`,
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
    throw new EnvironmentError(`${name} does not start: ${messageOf(error)}: ${said}`, {
      cause: error,
    });
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

function open(
  endpoint: Endpoint,
  database: string,
  signal: AbortSignal | undefined,
): Promise<Session> {
  // Superuser of every lab, and the account that initdb makes by default.
  const credentials = { user: 'postgres', database };
  return connect(endpoint, credentials, {
    connectTimeoutMs: 2_000,
    queryTimeoutMs,
    applicationName: 'forkpoint salvage',
    settings: 'reader',
    ...(signal && { signal }),
  });
}
