import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../src/pg/connect.ts';
import { type CliResult, runCli, startCli } from '../helpers/cli.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { type PostgresServer, startPostgres } from '../helpers/postgres.ts';

const password = 'Open-5esame';
const resources = new AsyncDisposableStack();
let reports: string;
let primary: PostgresServer;
let standby: PostgresServer;
let before: unknown;

beforeAll(async () => {
  reports = resources.use(temporaryReports()).folder;
  const parameters = { max_connections: '30' };
  primary = resources.use(await startPostgres({ parameters }));
  standby = resources.use(await startPostgres({ replicaOf: primary, parameters }));
  for (const statement of [
    `CREATE ROLE app LOGIN PASSWORD '${password}' IN ROLE pg_monitor`,
    `CREATE ROLE plain LOGIN PASSWORD '${password}'`,
    `CREATE ROLE careful LOGIN PASSWORD '${password}' IN ROLE pg_monitor`,
    'ALTER ROLE careful SET default_transaction_read_only = on',
    'GRANT CREATE ON DATABASE postgres TO app, plain, careful',
    'CREATE DATABASE other OWNER app',
    `CREATE ROLE guest LOGIN PASSWORD '${password}' IN ROLE pg_monitor`,
  ]) {
    await sql(statement);
  }
  before = await target();
});

afterAll(() => resources.disposeAsync());

async function sql(text: string): Promise<unknown> {
  await using session = await connect(primary.endpoint, primary.credentials, {
    connectTimeoutMs: 5_000,
  });
  return await session.rows(text);
}

/** Everything there that a run could leave. */
function target(): Promise<unknown> {
  return sql(`SELECT
    (SELECT array_agg(nspname ORDER BY 1) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp') AS schemas,
    (SELECT array_agg(rolname ORDER BY 1) FROM pg_roles) AS roles,
    (SELECT array_agg(name || '=' || setting ORDER BY 1) FROM pg_settings WHERE source <> 'client') AS settings,
    (SELECT array_agg(setconfig::text ORDER BY 1) FROM pg_db_role_setting) AS role_settings,
    (SELECT array_agg(extname ORDER BY 1) FROM pg_extension) AS extensions,
    (SELECT array_agg(slot_name ORDER BY 1) FROM pg_replication_slots) AS slots,
    (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks`);
}

interface Login {
  readonly user?: string;
  readonly database?: string;
  readonly port?: number;
  readonly tls?: string;
}

let files = 0;

/** A cluster file of one server, with the password in the environment. */
function clusterFile({ user = 'app', database = 'postgres', port, tls }: Login): string {
  const file = path.join(reports, `${files++}.cluster.yaml`);
  writeFileSync(
    file,
    `backend: external
credentials: { user: ${user}, database: ${database}, password: { env: TARGET_PASSWORD } }
${tls === undefined ? '' : `tls: { mode: ${tls} }`}
nodes: { db1: { host: 127.0.0.1, port: ${port ?? primary.tcpEndpoint.port} } }
`,
  );
  return file;
}

function scenario(): string {
  const file = path.join(reports, 'harms.yaml');
  writeFileSync(
    file,
    `name: harms
claim: Nothing is done without consent.
cluster: { topology: single }
load: { clients: 2, rate: 20/s, duration: 5s }
faults: [{ at: 1s, fault: set-parameter, target: leader, parameter: work_mem, value: 5MB, for: 1s }]
expect: { lost: 0 }
`,
  );
  return file;
}

interface Case {
  readonly login?: Login;
  readonly args?: readonly string[];
  readonly given?: string;
  readonly exitCode: number;
  /** The last line of stderr: it names the target, what came back and what to do. */
  readonly says: RegExp;
}

const nowhere = 1;
const cases: Readonly<Record<string, () => Case>> = {
  'a wrong password': () => ({
    given: 'guessed-by-somebody',
    exitCode: 4,
    says: /^db1: 127\.0\.0\.1:\d+: password authentication failed for user "app"; check the user/,
  }),
  'a server that is down': () => ({
    login: { port: nowhere },
    exitCode: 4,
    says: /^db1: 127\.0\.0\.1:1: connect ECONNREFUSED .*; check host and port, and that it runs$/,
  }),
  'a database that is missing': () => ({
    login: { database: 'nowhere' },
    exitCode: 4,
    says: /^db1: .*database "nowhere" does not exist; check the name of the database$/,
  }),
  'TLS that is not offered': () => ({
    login: { tls: 'require' },
    exitCode: 4,
    says: /^db1: .*does not support SSL.*; check the TLS settings$/,
  }),
  'a hot standby': () => ({
    login: { port: standby.tcpEndpoint.port },
    exitCode: 4,
    says: /^db1 is a hot standby and takes no writes; name the primary too$/,
  }),
  'sessions that are read-only': () => ({
    login: { user: 'careful' },
    exitCode: 4,
    says: /^db1: sessions of careful are read-only; reset default_transaction_read_only$/,
  }),
  'a role that may make no schema': () => ({
    login: { user: 'guest' },
    exitCode: 4,
    says: /^db1: guest may make no schema in postgres; as its owner: GRANT CREATE ON DATABASE postgres TO guest$/,
  }),
  'a role that cannot see replication': () => ({
    login: { user: 'plain' },
    exitCode: 4,
    says: /^db1: plain cannot see replication; as a superuser: GRANT pg_monitor TO plain$/,
  }),
  'more clients than connections': () => ({
    args: ['--clients', '24'],
    exitCode: 3,
    says: /^load.clients: 24 clients do not fit db1: its max_connections is 30, and \d+ are taken, 3 are reserved, and 5 must stay free \(minFree\)\. Use fewer clients/,
  }),
};

function call(args: readonly string[], given = password): Promise<CliResult> {
  return runCli(args, { reports, env: { TARGET_PASSWORD: given } });
}

test.each(Object.entries(cases))(
  '%s is refused in one line that names target and remedy, and nothing is left there',
  async (_, make) => {
    const { login = {}, args = [], given, exitCode, says } = make();
    const all = ['load', '--cluster', clusterFile(login), '--duration', '2s', ...args];
    const ended = await call(all, given);
    expect([ended.exitCode, ended.stdout]).toEqual([exitCode, '']);
    expect(ended.stderr.trimEnd().split('\n').at(-1)).toMatch(says);
    expect(ended.stderr).not.toMatch(/guessed-by|Open-5|\n\s+at /);
    expect(await target()).toEqual(before);
  },
);

test('what the cluster file does not allow is refused before anything is connected to', async () => {
  const args = ['run', scenario(), '--cluster', clusterFile({ port: nowhere })];
  const { exitCode, stderr } = await call(args);
  expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/sql.*add sql to consent/)]);
});

test('a second run on the same servers is refused, whatever its cluster file is called, and in whichever database', async () => {
  const args = ['--rate', '20/s', '--clients', '2', '--duration', '60s'];
  const first = startCli(['load', '--cluster', clusterFile({}), ...args], {
    reports,
    env: { TARGET_PASSWORD: password },
  });
  await first.untilStderr(' leads, ');
  const seconds = [
    await call(['load', '--cluster', clusterFile({}), ...args]),
    await call(['load', '--cluster', clusterFile({ database: 'other' }), ...args]),
  ];
  first.interrupt();
  for (const { exitCode, stderr } of seconds) {
    const says =
      /db1: another run works on this cluster \(session 'forkpoint lock [^']+'\); wait for its end, or end that session\n$/;
    expect([exitCode, stderr]).toEqual([4, expect.stringMatching(says)]);
  }
  expect((await first.done).exitCode).toBe(130);
  expect(await target()).toEqual(before);
});

test('doctor names a wrong password and a server that is down, too', async () => {
  const dsn = (port: number) => `db1=host=127.0.0.1 port=${port} user=app dbname=postgres`;
  const env = { PGPASSWORD: 'guessed-by-somebody', TARGET_PASSWORD: 'guessed-by-somebody' };
  const asked = [
    [['--cluster', clusterFile({})], 4, /password authentication failed.*check the user/],
    [['--dsn', dsn(primary.tcpEndpoint.port)], 2, /password authentication failed.*check the user/],
    [['--dsn', dsn(nowhere)], 2, /ECONNREFUSED.*check host and port/],
  ] as const;
  for (const [args, code, says] of asked) {
    const { exitCode, stdout, stderr } = await runCli(['doctor', ...args], { reports, env });
    expect([exitCode, stdout + stderr]).toEqual([code, expect.stringMatching(says)]);
    expect(stdout + stderr).not.toMatch(/guessed-by|\n\s+at /);
  }
  expect(await target()).toEqual(before);
});
