import { chown, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credentials, Endpoint } from '../../src/contracts/cluster.ts';
import { EnvironmentError } from '../../src/std/errors.ts';
import { run, runOk, start as startChild } from '../../src/std/exec.ts';
import { connect } from '../../src/pg/connect.ts';
import { waitUntil } from '../../src/std/wait.ts';

export interface PostgresServer extends AsyncDisposable {
  /** Through its unix socket, with trust authentication. */
  readonly endpoint: Endpoint;
  /** Through loopback, with a password. */
  readonly tcpEndpoint: Endpoint;
  readonly credentials: Credentials;
  readonly dataDirectory: string;
  readonly binDirectory: string;
  /** Signals the postmaster and all its children: SIGSTOP freezes the server, SIGCONT continues it. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** SIGINT is a fast shutdown, SIGKILL a crash. Resolves when every process is gone. */
  stop(signal?: 'SIGINT' | 'SIGKILL'): Promise<void>;
  start(): Promise<void>;
}

export interface PostgresOptions {
  readonly parameters?: Readonly<Record<string, string>>;
  /** Pages carry checksums, so that damage on disk is noticed when they are read. */
  readonly hasChecksums?: boolean;
  /** A streaming replica of this one. */
  readonly replicaOf?: PostgresServer;
}

const secret = 'only-for-this-test';
const bootTimeoutMs = 20_000;

/** One temporary PostgreSQL, of the newest installed version; disposing it removes it and its data. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const binDirectory = await findBinaries();
  const owner = await ownerOfPostgres();
  const directory = await mkdtemp(join(tmpdir(), 'fp-pg-'));
  if (owner) await chown(directory, owner.uid, owner.gid);
  const dataDirectory = join(directory, 'data');
  try {
    await initialize({ binDirectory, dataDirectory, directory, owner }, options);
    const port = await freePort();
    const server = serverOf({ binDirectory, dataDirectory, directory, owner, port }, options);
    await server.start();
    return server;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

interface Place {
  readonly binDirectory: string;
  readonly dataDirectory: string;
  readonly directory: string;
  /** undefined: this process is not root and runs the server as itself. */
  readonly owner: Owner | undefined;
}

async function initialize(place: Place, options: PostgresOptions): Promise<void> {
  if (options.replicaOf) return copyFrom(options.replicaOf, place);
  const passwordFile = join(place.directory, 'password');
  await writeFile(passwordFile, `${secret}\n`);
  await runOk(
    [
      ...asOwner(place.owner),
      join(place.binDirectory, 'initdb'),
      ...['-D', place.dataDirectory, '-U', 'postgres', '--no-sync', '--locale=C', '-E', 'UTF8'],
      ...['--auth-local=trust', '--auth-host=scram-sha-256', `--pwfile=${passwordFile}`],
      ...(options.hasChecksums === true ? ['--data-checksums'] : []),
    ],
    (message) => new EnvironmentError(message),
    { cwd: place.directory },
  );
}

async function copyFrom({ endpoint }: PostgresServer, place: Place): Promise<void> {
  await runOk(
    [
      ...asOwner(place.owner),
      join(place.binDirectory, 'pg_basebackup'),
      ...['-D', place.dataDirectory, '-R', '--checkpoint=fast', '--no-sync'],
      ...['-h', endpoint.host, '-p', String(endpoint.port), '-U', 'postgres'],
    ],
    (message) => new EnvironmentError(message),
    { cwd: place.directory },
  );
}

function serverOf(place: Place & { readonly port: number }, options: PostgresOptions) {
  let child: ReturnType<typeof startChild> | undefined;
  const endpoint: Endpoint = { host: place.directory, port: place.port };
  const credentials: Credentials = { user: 'postgres', password: secret, database: 'postgres' };
  const server: PostgresServer = {
    endpoint,
    tcpEndpoint: { host: '127.0.0.1', port: place.port },
    credentials,
    dataDirectory: place.dataDirectory,
    binDirectory: place.binDirectory,
    signal: async (signal) => {
      for (const pid of await familyOf(child?.pid)) send(pid, signal);
    },
    stop: async (signal = 'SIGINT') => {
      // A crash ends every process at once; remaining children would hold the shared memory. A frozen postmaster forks no more of them.
      if (signal === 'SIGKILL' && child?.pid !== undefined) send(child.pid, 'SIGSTOP');
      const family = await familyOf(child?.pid);
      if (signal === 'SIGINT') for (const pid of family) send(pid, 'SIGCONT');
      for (const pid of signal === 'SIGKILL' ? family : family.slice(0, 1)) send(pid, signal);
      await Promise.resolve(child).catch(() => undefined);
      child = undefined;
    },
    start: async () => {
      child = startChild(serverCommand(place, options), {
        reject: false,
        stdin: 'ignore',
        stdout: 'ignore',
        stderr: { file: join(place.directory, 'log') },
        cwd: place.directory,
      });
      await waitUntil('PostgreSQL answers', () => answers(endpoint, credentials), {
        timeoutMs: bootTimeoutMs,
        everyMs: 30,
      });
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop('SIGKILL');
      await rm(place.directory, { recursive: true, force: true });
    },
  };
  return server;
}

function serverCommand(place: Place & { readonly port: number }, options: PostgresOptions) {
  const parameters: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: place.directory,
    ...options.parameters,
  };
  return [
    ...asOwner(place.owner),
    join(place.binDirectory, 'postgres'),
    ...['-D', place.dataDirectory, '-p', String(place.port)],
    ...Object.entries(parameters).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

async function answers(endpoint: Endpoint, credentials: Credentials): Promise<boolean> {
  await using session = await connect(endpoint, credentials, { connectTimeoutMs: 1_000 });
  return (await session.rows('select 1')).length === 1;
}

/** The server ends with the test's process, however that ends. */
function asOwner(owner: Owner | undefined): string[] {
  const identity = owner ? [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--init-groups'] : [];
  return ['setpriv', ...identity, '--pdeathsig', 'KILL'];
}

/** The postmaster first, then its children. */
async function familyOf(postmaster: number | undefined): Promise<number[]> {
  if (postmaster === undefined) return [];
  const children = await run(['ps', '-o', 'pid=', '--ppid', String(postmaster)]);
  const pids = children.stdout.split('\n').map(Number);
  return [postmaster, ...pids.filter((pid) => pid > 0)];
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function findBinaries(): Promise<string> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  const directory = process.env.FORKPOINT_PG_BIN ?? (newest && join(root, newest, 'bin'));
  if (directory === undefined) throw new EnvironmentError(`no PostgreSQL under ${root}`);
  return directory;
}

/** PostgreSQL refuses to run as root. */
export async function ownerOfPostgres(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = await readFile('/etc/passwd', 'utf8');
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(accounts) ?? [];
  if (uid === undefined) throw new EnvironmentError('no account named postgres');
  return { uid: Number(uid), gid: Number(gid) };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
