import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ClientSite } from '../../../src/contracts/cluster.ts';
import { journalPaths } from '../../../src/evidence/journal/journal.ts';
import { judgePrimary } from '../../../src/judge/ledger/fates.ts';
import { buildLedger } from '../../../src/judge/ledger/ledger.ts';
import { connect } from '../../../src/pg/connect.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { readRunBack } from '../../../src/run/read-back.ts';
import { commandShell } from '../../../src/shells/support/command-shell.ts';
import { startTestLoad, type TestLoad } from '../../helpers/load.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';

const registry = await loadRegistry();
const route = { via: 'direct', pool: { on25006: 'reconnect' } } as const;
const groups = [
  { name: 'app', clients: 2, ratePerSecond: 40, workload: 'bank', params: { accounts: 50 } },
  { name: 'plain', clients: 1, ratePerSecond: 20 },
  { name: 'reports', clients: 2, ratePerSecond: 20, clientReads: { share: 1, from: 'any' } },
  {
    name: 'far',
    clients: 2,
    ratePerSecond: 20,
    site: 'far',
    workload: 'ledger',
    params: { serverIds: false, partitions: 3 },
    batch: 5,
  },
] as const;

/** A site on this host that notes each worker that is started on it. */
function farSite(opened: string[]): ClientSite {
  const shell = commandShell('far', []);
  return {
    name: 'far',
    description: 'far',
    isRemote: false,
    shell: {
      description: 'far',
      run: (argv, options) => shell.run(argv, options),
      open: (argv) => {
        opened.push(argv.join(' '));
        return shell.open(argv);
      },
    },
  };
}

async function judged(server: PostgresServer, { runId, plan }: TestLoad, directory: string) {
  const convergence = { ok: true, ms: 0, primary: 'pg1', timeline: 1 };
  const { nodes, invariants = [] } = await readRunBack(
    { nodes: [{ name: 'pg1', observer: server.endpoint }], credentials: server.credentials },
    { runId, directory, plan, registry, convergence, signal: AbortSignal.timeout(60_000) },
  );
  const [primary] = nodes;
  const ledger = buildLedger(journalPaths(directory), { runId, writers: 7 });
  const { writes, lost } = judgePrimary(ledger, primary);
  const broken = primary?.invariants?.filter(({ breaches }) => breaches !== 0);
  return {
    status: primary?.status,
    writes,
    lost: [...lost].map(({ writer }) => writer),
    broken: broken?.map(({ name }) => name),
    invariants: invariants.map(({ name }) => name),
    tables: primary?.tables,
  };
}

test('groups with workloads of their own are judged each by its own tables', async () => {
  await using server = await startPostgres();
  const directory = await mkdtemp(path.join(tmpdir(), 'fp-groups-'));
  const opened: string[] = [];
  await using run = await startTestLoad(server, {
    workload: 'records',
    params: { seedRows: 10, partitions: 0 },
    clients: 7,
    mix: { insert: 1, update: 0, delete: 0 },
    routes: groups.map(({ name, clients }) => ({ ...route, name, clients })),
    groups,
    sites: [farSite(opened)],
    options: { journalDirectory: path.join(directory, 'journal') },
  });
  await run.load.done;
  expect(opened).toHaveLength(1);
  const whole = await judged(server, run, directory);
  expect(whole).toMatchObject({ status: 'read', lost: [], broken: [] });
  expect(whole.invariants).toEqual([
    'columns',
    'seed-rows',
    'app/money',
    'app/whole-transfers',
    'app/balances',
  ]);
  // 2 s at 40/s and 20/s, and 20/s in batches of 5.
  const [own, app, far] = (whole.tables ?? []).map(({ group, rows }) => [group, rows] as const);
  expect([own?.[0], app?.[0], far?.[0]]).toEqual([undefined, 'app', 'far']);
  expect(whole.writes.acknowledged).toBe((own?.[1] ?? 0) + (app?.[1] ?? 0) + (far?.[1] ?? 0));
  expect(far?.[1]).toSatisfy((rows: number) => rows >= 150 && rows <= 200 && rows % 5 === 0);

  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  const schema = `forkpoint_${run.runId.replaceAll('-', '_')}`;
  await session.rows('SET default_transaction_read_only = off');
  await session.rows(`UPDATE "${schema}_g1".account SET balance = balance + 1 WHERE id = 1`);
  await session.rows(`DELETE FROM "${schema}_g4".ledger WHERE writer = 5 AND seq = 0`);
  await session.rows(`DELETE FROM "${schema}".record WHERE writer = 2 AND seq = 0`);
  const harmed = await judged(server, run, directory);
  expect(harmed.lost).toEqual([2, 5]);
  expect(harmed.broken).toEqual(['app/money', 'app/balances']);
  await rm(directory, { recursive: true });
});
