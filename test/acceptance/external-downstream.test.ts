import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../src/pg/connect.ts';
import { latestResult, runCli } from '../helpers/cli.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { type PostgresServer, startPostgres } from '../helpers/postgres.ts';

const password = 'Open-5esame';
const resources = new AsyncDisposableStack();
let reports: string;
let primary: PostgresServer;
let warehouse: PostgresServer;

beforeAll(async () => {
  reports = resources.use(temporaryReports()).folder;
  const parameters = { wal_level: 'logical', max_connections: '60' };
  primary = resources.use(await startPostgres({ parameters }));
  warehouse = resources.use(await startPostgres({ parameters: { fsync: 'off' } }));
  for (const statement of [
    `CREATE ROLE app LOGIN REPLICATION PASSWORD '${password}' IN ROLE pg_monitor`,
    `CREATE ROLE plain LOGIN PASSWORD '${password}' IN ROLE pg_monitor`,
    'GRANT CREATE ON DATABASE postgres TO app, plain',
    'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO app',
  ]) {
    await sql(statement);
  }
});

afterAll(() => resources.disposeAsync());

async function sql(text: string, server = primary): Promise<readonly unknown[]> {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  return await session.rows(text);
}

/** What a consumer could leave there, and keeps WAL. */
const left = () =>
  sql(
    'SELECT slot_name AS name FROM pg_replication_slots UNION SELECT pubname FROM pg_publication',
  );

let files = 0;
function clusterFile({ consent = '[sql]', user = 'app' } = {}): string {
  const file = path.join(reports, `${files++}.cluster.yaml`);
  writeFileSync(
    file,
    `backend: external
consent: ${consent}
credentials: { user: ${user}, database: postgres, password: { env: TARGET_PASSWORD } }
nodes: { db1: { host: 127.0.0.1, port: ${primary.tcpEndpoint.port} } }
`,
  );
  return file;
}

function scenario(downstream = 'feed: { sink: file }'): string {
  const file = path.join(reports, 'fed.yaml');
  writeFileSync(
    file,
    `name: fed
claim: A consumer that is killed delivers every write once.
cluster: { topology: single }
load: { clients: 4, rate: 50/s, duration: 12s }
downstream: { ${downstream} }
faults:
  - { at: 3s, fault: kill-consumer, consumer: feed, for: 2s }
expect: { lost: 0, delivered: all, duplicates: 0, phantoms: 0 }
`,
  );
  return file;
}

const run = (file: string, cluster: string) =>
  runCli(['run', file, '--quiet', '--cluster', cluster], {
    reports,
    env: { TARGET_PASSWORD: password },
  });

test('a consumer that writes to a file reads from a cluster that is not ours, and leaves nothing there', async () => {
  const { exitCode, stderr } = await run(scenario(), clusterFile());
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const [feed] = latestResult(reports, 'fed').downstream ?? [];
  expect(feed).toMatchObject({ missing: 0, duplicates: 0, phantoms: 0, gaps: [], starts: 2 });
  expect(feed?.delivered).toBeGreaterThan(100);
  expect(feed?.delivered).toBe(feed?.expected);
  expect(await left()).toEqual([]);
});

test.each([
  ['without consent', { consent: '[]' }, 3, 'add sql to consent'],
  ['by a login without REPLICATION', { user: 'plain' }, 4, 'the login has no REPLICATION'],
] as const)('a consumer is refused %s, and nothing is made', async (_what, login, code, says) => {
  const { exitCode, stderr } = await run(scenario(), clusterFile(login));
  expect({ exitCode, stderr }).toEqual({
    exitCode: code,
    stderr: expect.stringContaining(says) as string,
  });
  expect(await left()).toEqual([]);
});

test.each([
  ['feed: {}', 'use --backend local or docker; elsewhere consumer cdc may write to a file'],
  ['feed: { sink: file, slot: theirs }', 'downstream.feed.slot: the run makes a slot there'],
])('downstream: { %s } is refused there', async (downstream, says) => {
  const { exitCode, stderr } = await run(scenario(downstream), clusterFile());
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr: expect.stringContaining(says) as string,
  });
});

test('clean drops the slot and the publication of a dead run, and no other', async () => {
  const ours = 'forkpoint_20261129t050244z_325889_feed';
  for (const name of [ours, 'forkpoint_theirs']) {
    await sql(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`);
  }
  await sql(`CREATE PUBLICATION ${ours}`);
  await sql(`ALTER PUBLICATION ${ours} OWNER TO app`);
  const { exitCode, stdout } = await runCli(['clean', '--cluster', clusterFile()], {
    reports,
    env: { TARGET_PASSWORD: password },
  });
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain(`db1: replication slot ${ours}`);
  expect(stdout).toContain(`db1: publication ${ours}`);
  expect(await left()).toEqual([{ name: 'forkpoint_theirs' }]);
});

/** By its socket, where no password is asked for. */
const dsnOf = ({ endpoint, credentials }: PostgresServer) =>
  `host=${endpoint.host} port=${endpoint.port} user=${credentials.user} dbname=postgres`;

/** As an ETL job copies rows every so often: what is new in the run's table, under the table's name. `from`: rows it looks at. */
const job = (from: string) => {
  const psql = (server: PostgresServer) => `psql -qAt -v ON_ERROR_STOP=1 "${dsnOf(server)}"`;
  const found = `SELECT format('"%s"."%s"', schemaname, tablename) FROM pg_tables WHERE tablename = 'ledger' AND schemaname LIKE 'forkpoint%' ORDER BY 1 DESC LIMIT 1`;
  return `while sleep 0.3; do
  table=$(${psql(primary)} -c "$FOUND") && [ -n "$table" ] || continue
  ${psql(primary)} -c "COPY (SELECT writer, seq FROM $table WHERE ${from}) TO STDOUT" |
    ${psql(warehouse)} -c 'CREATE TEMP TABLE new (writer int, seq int)' -c 'COPY new FROM STDIN' \\
      -c "INSERT INTO events SELECT '$table', writer, seq FROM new ON CONFLICT DO NOTHING"
done`.replace('$FOUND', found.replaceAll('"', '\\"'));
};

async function runOfJob(from: string, dsn = dsnOf(warehouse)) {
  await sql(
    'CREATE TABLE IF NOT EXISTS events (source text, writer int, seq int, UNIQUE (source, writer, seq))',
    warehouse,
  );
  const file = path.join(reports, 'etl.yaml');
  const content = {
    name: 'etl',
    claim: 'The warehouse has every write once, also when its job is killed.',
    cluster: { topology: 'single' },
    load: { clients: 4, rate: '50/s', duration: '12s' },
    downstream: {
      warehouse: {
        command: ['bash', '-c', job(from)],
        sink: {
          dsn,
          query: "SELECT writer, seq FROM events WHERE source = '{table}'",
        },
      },
    },
    faults: [{ at: '4s', fault: 'kill-consumer', consumer: 'warehouse', for: '2s' }],
    expect: { lost: 0, undelivered: 0, duplicates: 0, phantoms: 0 },
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(content));
  const { exitCode, stderr } = await run(file, clusterFile({ consent: '[]' }));
  const found = (exitCode ?? 0) > 2 ? undefined : latestResult(reports, 'etl').downstream?.[0];
  return { exitCode, stderr, found };
}

test('a job of any kind is judged by what a query finds in its sink, also when it is killed', async () => {
  const { exitCode, found } = await runOfJob('true');
  expect(found).toMatchObject({ missing: 0, duplicates: 0, phantoms: 0, starts: 2 });
  expect(exitCode).toBe(0);
  expect(found?.delivered).toBeGreaterThan(100);
}, 180_000);

test('a job that passes over a writer fails by exactly its writes', async () => {
  const { exitCode, found } = await runOfJob('writer <> 2');
  expect(exitCode).toBe(1);
  expect(found?.missing).toBeGreaterThan(20);
  expect(found?.missingRanges.map(({ writer }) => writer)).toEqual([2]);
}, 180_000);

test('a sink that cannot be read is said before the load', async () => {
  const { port } = warehouse.tcpEndpoint;
  const dsn = `host=127.0.0.1 port=${port} user=${warehouse.credentials.user} dbname=postgres`;
  const { exitCode, stderr } = await runOfJob('true', dsn);
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(/downstream.warehouse: its sink cannot be read: .*password.*~\/.pgpass/);
}, 180_000);
