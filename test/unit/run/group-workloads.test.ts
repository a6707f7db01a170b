import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Figures } from '../../../src/contracts/figures.ts';
import type { ClientSite } from '../../../src/contracts/cluster.ts';
import { journalPaths } from '../../../src/evidence/journal/journal.ts';
import { loadAsCsv } from '../../../src/evidence/figures/csv.ts';
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
  const seconds: Figures[] = [];
  await using run = await startTestLoad(server, {
    workload: 'records',
    params: { seedRows: 10, partitions: 0 },
    clients: 7,
    durationMs: 4_000,
    mix: { insert: 1, update: 0, delete: 0 },
    routes: groups.map(({ name, clients }) => ({ ...route, name, clients })),
    groups,
    sites: [farSite(opened)],
    retry: { attempts: 2, fromMs: 10, toMs: 10, indeterminate: 'stop' },
    options: {
      journalDirectory: path.join(directory, 'journal'),
      observationsDirectory: path.join(directory, 'observations'),
      onFigures: (figures) => seconds.push(figures),
    },
  });
  await run.load.done;
  expect(opened).toHaveLength(1);
  const reports = seconds.map(({ groups: all }) => all?.reports);
  const first = reports.find((each) => (each?.reads?.answered ?? 0) > 0);
  expect(first).toMatchObject({ latencyMs: null, clients: { backingOff: 0 } });
  // The last seconds may be told when the load is over.
  expect(reports.map((each) => each?.clients?.connected)).toContain(2);
  expect(first?.reads?.serviceMs?.p50).toBeGreaterThan(0);
  const sum = (of: (figures: Figures) => number) => seconds.reduce((all, one) => all + of(one), 0);
  // 4 s at 20/s, which the CSV counts again.
  const reads = sum((figures) => figures.groups?.reports?.reads?.answered ?? 0);
  expect(reads).toBeGreaterThan(60);
  const load = { groups: [{ name: 'reports', firstWriter: 3, clients: 2 }], reads: true };
  const [head = '', ...lines] = loadAsCsv(directory, load).trim().split('\n');
  const column = head.split(',').indexOf('reads.answered');
  const counted = lines.map((line) => line.split(',')).filter(([, group]) => group === 'reports');
  expect(counted.reduce((all, cells) => all + Number(cells[column]), 0)).toBe(reads);
  const bytesOf = (name: string) => sum(({ groups: all }) => all?.[name]?.bytes?.sent ?? 0);
  const all = ['app', 'plain', 'reports', 'far'].map(bytesOf);
  expect(all.every((sent) => sent > 1_000)).toBe(true);
  // Each group's share of a late second is rounded.
  const whole = sum(({ bytes }) => bytes?.sent ?? 0);
  expect(Math.abs(all.reduce((a, b) => a + b) - whole)).toBeLessThan(100);
  const intact = await judged(server, run, directory);
  expect(intact).toMatchObject({ status: 'read', lost: [], broken: [] });
  expect(intact.invariants).toEqual([
    'columns',
    'seed-rows',
    'app/money',
    'app/whole-transfers',
    'app/balances',
  ]);
  // 4 s at 40/s and 20/s, and 20/s in batches of 5.
  const [own, app, far] = (intact.tables ?? []).map(({ group, rows }) => [group, rows] as const);
  expect([own?.[0], app?.[0], far?.[0]]).toEqual([undefined, 'app', 'far']);
  expect(intact.writes.acknowledged).toBe((own?.[1] ?? 0) + (app?.[1] ?? 0) + (far?.[1] ?? 0));
  expect(far?.[1]).toSatisfy((rows: number) => rows >= 300 && rows <= 400 && rows % 5 === 0);

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
