import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../src/pg/connect.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { latestResult, runCli, startCli } from '../helpers/cli.ts';
import { startAuthority } from '../helpers/certificates.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownerOfPostgres, type PostgresServer, startPostgres } from '../helpers/postgres.ts';

const resources = new AsyncDisposableStack();
const parameters = { max_connections: '30' };
let primary: PostgresServer;
let standby: PostgresServer;
let reports: ReturnType<typeof temporaryReports>;

beforeAll(async () => {
  reports = resources.use(temporaryReports());
  primary = resources.use(await startPostgres({ parameters }));
  standby = resources.use(await startPostgres({ replicaOf: primary, parameters }));
});

afterAll(() => resources.disposeAsync());

/** The password comes from the environment only. */
function load(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  lasts: readonly string[] = ['--duration', '2s'],
) {
  const { user, password = '', database } = primary.credentials;
  return runCli(['load', ...lasts, '--clients', '4', ...args], {
    reports: reports.folder,
    env: {
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
      PGHOST: '127.0.0.1',
      PGPORT: String(primary.tcpEndpoint.port),
      ...env,
    },
  });
}

async function schemas(): Promise<readonly string[]> {
  await using session = await connect(primary.endpoint, primary.credentials, {
    connectTimeoutMs: 5_000,
  });
  const rows = await session.rows<{ nspname: string }>(
    "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'forkpoint%'",
  );
  return rows.map(({ nspname }) => nspname);
}

test('a load from the environment alone accounts for every write and leaves nothing', async () => {
  const { exitCode, stdout, stderr } = await load(['--rate', '100/s']);
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('load')]);
  expect(stdout).toContain('Records Lost: 0');
  const { writes } = latestResult(reports.folder, 'load');
  expect(writes.lost).toBe(0);
  expect(writes.acknowledged).toBeGreaterThan(100);
  expect(await schemas()).toEqual([]);
});

test('a ramp sends what its plan says, and what was due in the warm-up is in no latency', async () => {
  const stages = ['--stages', '50/s for 1s, to 250/s for 2s', '--warmup', '1s'];
  const { exitCode, stdout } = await load(stages, {}, []);
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringContaining('the 50 operations of the warm-up'),
  ]);
  const { writes, throughput } = latestResult(reports.folder, 'load');
  // The last ones are due milliseconds before the end, and a busy host may be too late for them.
  const { acknowledged } = writes;
  expect(writes).toMatchObject({ durable: acknowledged, lost: 0, failed: 0, indeterminate: 0 });
  expect(acknowledged).toSatisfy((count: number) => count >= 330 && count <= 350);
  expect(throughput).toMatchObject({
    planned: { perSecond: 116.67 },
    warmup: { ms: 1_000, operations: 50, acknowledged: 50 },
    latencyMs: { insert: { count: (acknowledged ?? 0) - 50 } },
  });
});

test('a load of a number of operations ends with them, thinking clients and all', async () => {
  const profile = ['--operations', '90', '--think', '5ms..40ms'];
  const { exitCode } = await load(profile, {}, []);
  const { writes, throughput, phases } = latestResult(reports.folder, 'load');
  expect([exitCode, writes.acknowledged]).toEqual([0, 90]);
  expect(throughput.operations).toEqual({ asked: 90, done: 90 });
  // 4 clients, each with some 22 pauses of 22 ms.
  expect(phases.loadMs).toBeGreaterThan(250);
});

test('a load until the knee ends after the first rate that passes a limit, and a demand above it fails', async () => {
  // One client whose commits take 30 ms: 80/s are too many.
  const env = { PGOPTIONS: '-c commit_delay=30000 -c commit_siblings=0' };
  const profile = [
    ...['--until', 'knee', '--rate', '10/s', '--at-least', '80/s', '--duration', '60s'],
    ...['--knee', 'step 70/s, every 2s, p99 400ms, errors 5%', '--clients', '1'],
  ];
  const { exitCode, stdout } = await load(profile, env, []);
  expect([exitCode, stdout]).toEqual([
    1,
    expect.stringMatching(/knee: .* 80\/s did not \(demanded/),
  ]);
  const { throughput, phases } = latestResult(reports.folder, 'load');
  expect(throughput.knee).toMatchObject({ perSecond: 10, passedAt: 80 });
  expect(throughput.knee?.steps.map(({ isKept }) => isKept)).toEqual([true, false]);
  expect(phases.loadMs).toBeLessThan(30_000);
});

test("the user's own SQL is the load, and what the server refuses of it is named with its line", async () => {
  const sql = path.resolve(import.meta.dirname, '../../scenarios/sql/payments.sql');
  const { exitCode, stdout } = await load(['--rate', '100/s', '--workload', sql]);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Verdict: PASS')]);
  const { writes, invariants } = latestResult(reports.folder, 'load');
  expect(writes).toMatchObject({ lost: 0, unexpected: 0 });
  expect(writes.acknowledged).toBeGreaterThan(100);
  expect(invariants?.map(({ name, breaches }) => [name, breaches])).toContainEqual(['money', 0]);
  expect(await schemas()).toEqual([]);
  const wrong = path.join(reports.folder, 'wrong.sql');
  writeFileSync(wrong, readFileSync(sql, 'utf8').replace('SET balance', 'SET blance'));
  const refused = await load(['--workload', wrong]);
  expect([refused.exitCode, refused.stdout]).toEqual([3, '']);
  expect(refused.stderr).toMatch(/wrong\.sql:18:\d+: .*"blance".*SQLSTATE 42703/);
  expect(await schemas()).toEqual([]);
});

test("the variables of other load clients lead load, verify and doctor to a server by TLS, each named with libpq's", async () => {
  const authority = resources.use(await startAuthority());
  const owner = await ownerOfPostgres();
  const issued = await authority.issue('db', { names: ['localhost'], ...(owner && { owner }) });
  const files = { ssl_cert_file: issued.certificateFile, ssl_key_file: issued.keyFile };
  await using server = await startPostgres({ parameters: { ssl: 'on', ...files } });
  const { user, password = '', database } = server.credentials;
  const environment = {
    DB_HOST: 'localhost',
    DB_PORT: String(server.tcpEndpoint.port),
    DB_USER: user,
    DB_PASSWORD: password,
    DB_NAME: database,
    DB_SSL_MODE: 'verify-full',
  };
  const call = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runCli(args, {
      reports: reports.folder,
      env: { ...environment, PGSSLROOTCERT: authority.rootFile, ...env },
    });
  const size = ['--rate', '50/s', '--clients', '2', '--duration', '1s'];
  const calls = [
    ['load', ...size, '--keep-data'],
    ['verify', 'load', '--dsn', 'localhost='],
  ];
  for (const args of [...calls, ['doctor', '--dsn', 'localhost=']]) {
    const { exitCode, stdout, stderr } = await call(args);
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringMatching(/DB_PASSWORD is used; .* PGPASS/),
    ]);
    expect(stderr).toContain('DB_SSL_MODE is used; its name in libpq is PGSSLMODE');
    expect(stdout + stderr).not.toContain(password);
  }
  const { writes } = latestResult(reports.folder, 'load');
  expect([writes.lost, writes.acknowledged]).toEqual([0, expect.any(Number)]);
  // By 127.0.0.1, which the certificate does not name: libpq's variable counts.
  const other = await call(['load', ...size], { PGHOST: '127.0.0.1' });
  expect([other.exitCode, other.stderr]).toEqual([
    4,
    expect.stringMatching(/not in the cert.*TLS/),
  ]);
  expect(other.stderr).not.toContain('DB_HOST');
});

test('--keep-data leaves the tables, and verify reads them again', async () => {
  const { exitCode } = await load(['--rate', '100/s', '--keep-data']);
  expect([exitCode, await schemas()]).toEqual([0, [expect.stringMatching(/^forkpoint_/)]]);
  const { user, password = '', database } = primary.credentials;
  const dsn = `127.0.0.1=host=127.0.0.1 port=${primary.tcpEndpoint.port} user=${user} dbname=${database}`;
  const verified = await runCli(['verify', 'load', '--dsn', dsn], {
    reports: reports.folder,
    env: { PGPASSWORD: password },
  });
  expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringContaining('Lost: 0')]);
});

test.each([
  ['a wrong password', {}, { PGPASSWORD: 'guessed' }, 4, /password authentication failed.*check/],
  [
    'a database that is missing',
    {},
    { PGDATABASE: 'nowhere' },
    4,
    /"nowhere" does not exist.*check/,
  ],
  [
    'TLS that is not offered',
    {},
    { PGSSLMODE: 'require' },
    4,
    /does not support SSL.*check the TLS settings/,
  ],
  [
    'too many clients',
    { clients: '40' },
    {},
    3,
    /40 clients do not fit.*max_connections is 30.*minFree/,
  ],
])('%s is refused in one paragraph, without the password', async (_, more, env, code, says) => {
  const args = Object.entries(more).flatMap(([name, value]) => [`--${name}`, value]);
  const { exitCode, stdout, stderr } = await load(args, env);
  expect([exitCode, stderr]).toEqual([code, expect.stringMatching(says)]);
  expect(stdout).toBe('');
  expect(stdout + stderr).not.toMatch(/guessed|only-for-this-test|\n\s+at /);
  expect(await schemas()).toHaveLength(1);
});

test('a hot standby is refused: it takes no writes', async () => {
  const { exitCode, stderr } = await load([], { PGPORT: String(standby.tcpEndpoint.port) });
  expect([exitCode, stderr]).toEqual([4, expect.stringContaining('is a hot standby')]);
});

test('a harness that dies in mid-fault on such a cluster leaves its undo to heal', async () => {
  const { user, password = '', database } = primary.credentials;
  const env = { TEST_SECRET: password };
  const files = resources.use(temporaryReports()).folder;
  const cluster = path.join(files, 'my.cluster.yaml');
  const port = primary.tcpEndpoint.port;
  writeFileSync(
    cluster,
    `backend: external
consent: [sql]
credentials: { user: ${user}, database: ${database}, password: { env: TEST_SECRET } }
nodes: { db1: { host: 127.0.0.1, port: ${port} } }
`,
  );
  const scenario = path.join(files, 'dies.yaml');
  writeFileSync(
    scenario,
    `name: dies
claim: An undo outlives its harness.
cluster: { topology: single }
load: { clients: 2, rate: 20/s, duration: 60s }
faults: [{ id: set, at: 0.5s, fault: set-parameter, target: leader, parameter: work_mem, value: 5MB, for: 50s }]
expect: { lost: 0 }
`,
  );
  const args = ['run', scenario, '--cluster', cluster];
  const workMem = async (): Promise<unknown> => {
    const options = { connectTimeoutMs: 5_000 };
    await using session = await connect(primary.endpoint, primary.credentials, options);
    const [row] = await session.rows<{ work_mem: string }>('SHOW work_mem');
    return row?.work_mem;
  };
  const child = startCli(args, { reports: reports.folder, env });
  await waitUntil('the fault is in force', async () => (await workMem()) === '5MB', {
    timeoutMs: 60_000,
    everyMs: 100,
  });
  child.kill();
  await child.done;
  const healed = await runCli(['heal'], { reports: reports.folder, env });
  expect([healed.exitCode, healed.stderr]).toEqual([0, '']);
  expect(healed.stdout).toContain('(external)');
  expect(await workMem()).toBe('4MB');
});

test('no file of a run holds the password', () => {
  const files = readdirSync(reports.folder, { recursive: true, withFileTypes: true });
  expect(files.filter((file) => file.isFile()).length).toBeGreaterThan(5);
  for (const file of files.filter((entry) => entry.isFile())) {
    const content = readFileSync(path.join(file.parentPath, file.name));
    expect(content.includes('only-for-this-test'), file.name).toBe(false);
  }
});
