import { readdirSync } from 'node:fs';
import path from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { jobParams } from '../../src/backends/kubernetes/job/params.ts';
import { jobSite } from '../../src/backends/kubernetes/job/site.ts';
import type { Endpoint } from '../../src/contracts/cluster.ts';
import { buildLedger } from '../../src/judge/ledger/ledger.ts';
import type { Spread, WorkerChange } from '../../src/load/crew.ts';
import { connect } from '../../src/pg/connect.ts';
import { waitUntil } from '../../src/std/wait.ts';
import {
  hasKubernetes,
  loadInJob,
  ownImage,
  sayWhyNoImage,
  sayWhySkipped,
  testNamespace,
  type TestNamespace,
} from '../helpers/kubernetes.ts';
import { startTestLoad, type TestLoad, type TestLoadOptions } from '../helpers/load.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

sayWhySkipped();

const clients = 16;
const operations = 1_600;
const inserts = { insert: 1, update: 0, delete: 0 };
const credentials = { user: 'postgres', password: 'forkpoint', database: 'postgres' };
sayWhyNoImage('load in a Job');

/** One server, without Patroni. */
const server = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'server', labels: { app: 'server' } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'postgres',
        image: 'forkpoint-cluster:pg17',
        env: [{ name: 'POSTGRES_PASSWORD', value: credentials.password }],
        // An open port is not enough: it may be starting up still.
        readinessProbe: {
          exec: { command: ['pg_isready', '-h', '127.0.0.1'] },
          periodSeconds: 2,
          timeoutSeconds: 10,
        },
      },
    ],
  },
};

/** Every (writer, seq, checksum) of the table, and what the journals say of the same writers. */
async function ledgerOf(load: TestLoad, endpoint: Endpoint, writers = clients) {
  const { journalDirectory, runId, table } = load;
  const files = readdirSync(journalDirectory).filter((file) => file.endsWith('.bin'));
  const paths = files.map((file) => path.join(journalDirectory, file));
  const ledger = buildLedger(paths, { runId, writers });
  await using session = await connect(endpoint, credentials, { connectTimeoutMs: 10_000 });
  const text = `select writer, seq, checksum::text from ${table} order by writer, seq`;
  const rows = await session.rows<{ writer: number; seq: number; checksum: string }>(text);
  return { ledger, rows, files };
}

describe.skipIf(!hasKubernetes || ownImage === undefined)('load in the pods of a Job', () => {
  const owned = ownedBySuite();
  let namespace: TestNamespace;
  let endpoint: Endpoint;
  beforeAll(async () => {
    namespace = owned.use(await testNamespace('job'));
    await namespace.apply(server);
    await namespace.untilReady('app=server', 1);
    const [pod] = await namespace.pods('app=server');
    endpoint = { host: pod?.status?.podIP ?? '', port: 5432 };
  }, 180_000);

  const siteOf = (id: string, parallelism: number, over = {}) =>
    jobSite({
      config: namespace.config,
      namespace: namespace.name,
      id,
      params: jobParams.parse({ ...loadInJob(parallelism).clients.job, ...over }),
    });
  const start = (how: TestLoadOptions) =>
    startTestLoad(
      { endpoint, tcpEndpoint: endpoint, credentials },
      { clients, mix: inserts, ...how },
    );
  const podNames = async (id: string) =>
    (await namespace.pods(`job-name=forkpoint-load-${id}`)).map(
      ({ metadata }) => metadata?.name ?? '',
    );

  test('eight pods show the same ledger as one local worker with the same seed', async () => {
    const spreads: Spread[] = [];
    await using site = siteOf('eight', 8);
    await using byPods = await start({
      operations,
      durationMs: 120_000,
      workers: 8,
      client: { ...site, name: 'host' },
      options: { onBegun: (spread) => spreads.push(spread), readyTimeoutMs: 120_000 },
    });
    await byPods.load.done;
    // Which client has how many depends on the times; what each of them writes follows from the seed. So that one worker has all that
    // eight made, it makes more.
    const more = 8 * operations;
    await using byOne = await start({ operations: more, durationMs: 240_000, workers: 1 });
    await byOne.load.done;
    const [pods, one] = [await ledgerOf(byPods, endpoint), await ledgerOf(byOne, endpoint)];
    expect([pods.files.length, one.files.length]).toEqual([8, 1]);
    expect(spreads).toEqual([expect.objectContaining({ workers: 8 })]);
    expect([pods.ledger.problems(), one.ledger.problems()]).toEqual([[], []]);
    const counts = [pods, one].map(({ ledger, rows }) => [
      ledger.writes('acknowledged'),
      rows.length,
    ]);
    expect(counts).toEqual([
      [operations, operations],
      [more, more],
    ]);
    const written = new Set(one.rows.map((row) => Object.values(row).join(' ')));
    expect(pods.rows.filter((row) => !written.has(Object.values(row).join(' ')))).toEqual([]);
  }, 400_000);

  test('a pod on a chosen node that dies is replaced by the Job, and no acknowledged write is without a row', async () => {
    const changes: WorkerChange[] = [];
    const core = namespace.config.makeApiClient(CoreV1Api);
    const [node] = (await core.listNode()).items;
    const label = 'kubernetes.io/hostname';
    const nodeSelector = { [label]: node?.metadata?.labels?.[label] ?? '' };
    await using site = siteOf('dies', 2, { nodeSelector });
    await using test = await start({
      durationMs: 40_000,
      workers: 2,
      client: { ...site, name: 'host' },
      clients: 4,
      options: { onWorker: (change) => changes.push(change), readyTimeoutMs: 120_000 },
    });
    const writing = () => test.load.stats.acknowledged > 100 || undefined;
    await waitUntil('100 acknowledged writes', writing, { timeoutMs: 60_000 });
    const [victim = ''] = await podNames('dies');
    const [first] = await namespace.pods('job-name=forkpoint-load-dies');
    expect(first?.spec).toMatchObject({ nodeSelector, nodeName: node?.metadata?.name });
    await core.deleteNamespacedPod({
      name: victim,
      namespace: namespace.name,
      gracePeriodSeconds: 0,
    });
    await test.load.done;
    expect(changes.map(({ edge }) => edge)).toEqual(['lost', 'joined']);
    const { ledger, rows } = await ledgerOf(test, endpoint, 6);
    expect(ledger.partialWriters()).toBe(2);
    const inTable = Map.groupBy(rows, ({ writer }) => writer);
    for (const writer of ledger.writers()) {
      const journaled = ledger.writer(writer)?.next ?? 0;
      const found = inTable.get(writer)?.length ?? 0;
      expect(found).toBeGreaterThanOrEqual(journaled);
      if (ledger.isFinished(writer)) expect(found).toBe(journaled);
    }
    expect(inTable.size).toBe(6);
  }, 300_000);

  test('pods that cannot run are said with their reasons, and the Job is removed', async () => {
    await using site = siteOf('absent', 2, { image: 'forkpoint:no-such-version' });
    const started = start({ client: { ...site, name: 'host' } });
    await expect(started).rejects.toThrow(
      /0 of 2 pods of Job forkpoint-load-absent run: ErrImageNeverPull/,
    );
    await site[Symbol.asyncDispose]();
    const gone = async () => (await podNames('absent')).length === 0 || undefined;
    await waitUntil('the pods are gone', gone, { timeoutMs: 60_000 });
  }, 180_000);
});
