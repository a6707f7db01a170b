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

beforeAll(async () => {
  reports = resources.use(temporaryReports()).folder;
  const parameters = { wal_level: 'logical', max_connections: '60' };
  primary = resources.use(await startPostgres({ parameters }));
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

async function sql(text: string): Promise<readonly unknown[]> {
  await using session = await connect(primary.endpoint, primary.credentials, {
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
