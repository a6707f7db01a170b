import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../src/pg/connect.ts';
import { runCli, startCli } from '../helpers/cli.ts';
import { untilWriting } from '../helpers/load-seconds.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { type PostgresServer, startPostgres } from '../helpers/postgres.ts';
import { formsOf, holds, tellingProcesses, tellingUntil } from '../helpers/secrets.ts';

const password = `Zq7un:mis/take@able'"\\%41`;
const user = 'spied';
const forms = formsOf(password, user, 'Zq7un');

const resources = new AsyncDisposableStack();
let reports: string;
let files: string;
let server: PostgresServer;
let uri: string;

beforeAll(async () => {
  reports = resources.use(temporaryReports()).folder;
  files = resources.use(temporaryReports()).folder;
  server = resources.use(await startPostgres());
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  const quoted = password.replaceAll("'", "''").replaceAll('\\', '\\\\');
  await session.rows(`CREATE ROLE ${user} LOGIN PASSWORD E'${quoted}' IN ROLE pg_monitor`);
  await session.rows(`GRANT CREATE ON DATABASE postgres TO ${user}`);
  const { port } = server.tcpEndpoint;
  uri = `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
});

afterAll(() => resources.disposeAsync());

const holdsIt = (content: Buffer): boolean => holds(content, forms);

interface Source {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The user put it into the environment: then every child has it, as of any program. */
  readonly isInEnvironment?: true;
  readonly ends?: 'by Ctrl-C';
  /** Default: 0. */
  readonly exitCode?: number;
}

function clusterFile(secret: string): string {
  const file = path.join(files, 'my.cluster.yaml');
  writeFileSync(
    file,
    `backend: external
credentials: { user: ${user}, database: postgres, password: ${secret} }
nodes: { db1: { host: 127.0.0.1, port: ${server.tcpEndpoint.port} } }
`,
  );
  return file;
}

function fileOf(name: string, text: string): string {
  const file = path.join(files, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const where = () => ({
  PGHOST: '127.0.0.1',
  PGPORT: String(server.tcpEndpoint.port),
  PGUSER: user,
  PGDATABASE: 'postgres',
});
const few = ['--clients', '2', '--rate', '50/s'];
const short = [...few, '--duration', '2s'];

const sources: Readonly<Record<string, () => Source>> = {
  'load with a URI on the command line': () => ({ args: ['load', '--dsn', uri, ...short] }),
  'load with DATABASE_URL': () => ({
    args: ['load', ...short],
    env: { DATABASE_URL: uri },
    isInEnvironment: true,
  }),
  'watch with a password file': () => ({
    args: ['watch', ...few],
    env: {
      ...where(),
      PGPASSFILE: fileOf('pgpass', `*:*:*:*:${password.replace(/[\\:]/g, '\\$&')}\n`),
    },
    ends: 'by Ctrl-C',
  }),
  'run with a secret in a file': () => ({
    args: [
      'run',
      fileOf(
        'plain.yaml',
        `name: plain
claim: A plain load loses nothing.
cluster: { topology: single }
load: { clients: 2, rate: 50/s, duration: 2s }
expect: { lost: 0 }
`,
      ),
      '--cluster',
      clusterFile(`{ file: ${fileOf('secret', `${password}\n`)} }`),
    ],
  }),
  'a login that fails': () => ({
    args: ['load', '--dsn', uri.replace(/\/postgres$/, '/nowhere')],
    exitCode: 4,
  }),
  'doctor with PGPASSWORD': () => ({
    args: [
      'doctor',
      '--dsn',
      `host=127.0.0.1 port=${server.tcpEndpoint.port} user=${user} dbname=postgres`,
    ],
    env: { PGPASSWORD: password },
    isInEnvironment: true,
  }),
};

test.each(Object.entries(sources))('%s shows the password nowhere', async (_, make) => {
  const { args, env = {}, isInEnvironment, ends, exitCode = 0 } = make();
  const child = startCli(args, { reports, env });
  const names = isInEnvironment ? (['cmdline'] as const) : (['cmdline', 'environ'] as const);
  const { done } = child;
  // Until the program runs, its command line is what the shell gave it.
  await Promise.race([child.untilStderr('backend:').catch(() => undefined), done]);
  if (ends) {
    void child
      .untilStderr('Ctrl-C ends')
      .then(() => untilWriting(reports, 'watch'))
      .then(() => child.interrupt());
  }
  const found = await tellingUntil(done, forms, names);
  const { stdout, stderr, ...ended } = await done;
  expect([ended.exitCode, stderr]).toEqual([exitCode, expect.any(String)]);
  expect(found).toEqual([]);
  expect(holdsIt(Buffer.from(stdout + stderr))).toBe(false);
});

test('a command line that holds it is found', async () => {
  const child = startCli(['--version'], { reports, prefix: ['env', `SECRET=${password}`] });
  let isFound = false;
  for (let look = 0; look < 200 && !isFound; look++) {
    isFound = tellingProcesses(forms, ['cmdline', 'environ']).length > 0;
    await sleep(2);
  }
  await child.done;
  expect(isFound).toBe(true);
});

test('neither the runs nor their bundles hold it', async () => {
  const bundles = path.join(files, 'bundles');
  mkdirSync(bundles);
  for (const scenario of ['load', 'watch', 'plain']) {
    const file = path.join(bundles, `${scenario}.tar.gz`);
    const { exitCode, stderr } = await runCli(['bundle', scenario, '--output', file], { reports });
    expect([exitCode, holdsIt(Buffer.from(stderr))]).toEqual([0, false]);
    expect(holdsIt(gunzipSync(readFileSync(file)))).toBe(false);
  }
  const all = readdirSync(reports, { recursive: true, withFileTypes: true });
  const plain = all.filter((entry) => entry.isFile());
  expect(plain.length).toBeGreaterThan(20);
  const telling = plain.filter((entry) =>
    holdsIt(readFileSync(path.join(entry.parentPath, entry.name))),
  );
  expect(telling.map(({ name }) => name)).toEqual([]);
});
