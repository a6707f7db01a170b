import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import local from '../../src/backends/local.ts';
import { allPids, processFacts } from '../../src/machine/process-identity.ts';
import { liveLabs } from '../../src/backends/local/record.ts';
import type { RunEvent } from '../../src/contracts/evidence.ts';
import { readEvents } from '../../src/evidence/events/event-log.ts';
import { connect } from '../../src/pg/connect.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { schemaOf } from '../../src/load/workload-context.ts';
import { latestResult, runCli, startCli, type CliResult } from '../helpers/cli.ts';
import { isRunning, temporaryReports } from '../helpers/local-lab.ts';
import { startPostgres } from '../helpers/postgres.ts';

const ratePerSecond = 400;
const clients = 4;

/** A replica is cut off, and the harness is killed before it heals. */
const interrupted = `
name: interrupted
claim: A harness that dies costs no verdict.
load: { clients: ${clients}, rate: ${ratePerSecond}/s, duration: 60s, mix: { insert: 80, update: 20 } }
faults:
  - { at: 1s, fault: partition, target: pg3, from: all }
expect: { lost: 0 }
`;

test('a run whose harness was killed in mid-load gets its loss report from the cluster', async () => {
  using reports = temporaryReports();
  await using lab = await holdLab(reports.folder);
  const { id } = lab;
  const file = path.join(reports.folder, 'interrupted.yaml');
  writeFileSync(file, interrupted);

  await killInMidLoad(['run', file, '--attach', id], reports.folder);
  const verified = await forkpoint(reports.folder, 'verify', 'interrupted', '--lab', id);
  expect([verified.exitCode, verified.stderr]).toEqual([
    2,
    'healing what the run left in force: partition#1\nconverge\nreadBack\njudge',
  ]);
  const result = latestResult(reports.folder, 'interrupted');

  // Nothing failed and nothing is in flight any more: with complete journals, every present row would be durable.
  const written = await writesOnPrimary(id, result.runId);
  const { acknowledged, recovered } = result.writes;
  expect(acknowledged).toBeGreaterThan(ratePerSecond);
  expect(recovered).toBeLessThanOrEqual(ratePerSecond * 0.2 + clients);
  expect(result.writes).toEqual({
    attempted: written,
    acknowledged: written - recovered!,
    localOnly: 0,
    failed: 0,
    indeterminate: recovered,
    durable: acknowledged,
    lost: 0,
    lostLocalOnly: 0,
    recovered,
    dropped: 0,
    unexpected: 0,
    rejected: 0,
    duplicated: 0,
    corrupted: 0,
    reissued: null,
    lostUpdates: 0,
    lostDeletes: 0,
  });
  expect(result.status).toBe('unknown');
  expect(result.problems).toContain('the harness did not live to the end of the load');
  expect(result.replicas.map(({ node, status }) => `${node} ${status}`)).toEqual([
    'pg2 agrees',
    'pg3 agrees',
  ]);

  const judged = await forkpoint(reports.folder, 'judge', 'interrupted');
  expect(judged.exitCode).toBe(2);
  expect(latestResult(reports.folder, 'interrupted')).toEqual(result);

  await refusesAnotherDatabase(reports.folder);
  await servesTheNextRun(id, reports.folder);
}, 240_000);

async function holdLab(reports: string): Promise<{ readonly id: string } & AsyncDisposable> {
  const lab = startCli(['lab', '--no-install'], { reports });
  const end = async (): Promise<void> => {
    lab.interrupt();
    expect((await lab.done).exitCode).toBe(0);
  };
  try {
    const [record] = await waitUntil(
      'a lab is up',
      async () => {
        const live = await liveLabs();
        return live.length > 0 && live;
      },
      { timeoutMs: 90_000 },
    );
    return { id: record?.id ?? '', [Symbol.asyncDispose]: end };
  } catch (error) {
    lab.interrupt();
    await lab.done;
    throw error;
  }
}

async function forkpoint(reports: string, ...args: readonly string[]): Promise<CliResult> {
  const { exitCode, stdout, stderr } = await runCli(args, { reports });
  return { exitCode, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
}

/** SIGKILL of the harness while its fault is in force; its workers must not outlive it. */
async function killInMidLoad(args: readonly string[], reports: string): Promise<void> {
  const folder = path.join(reports, 'interrupted/latest');
  const harness = startCli(args, { reports });
  const eventsOf = (): readonly RunEvent[] => {
    try {
      return readEvents(path.join(folder, 'events.jsonl')).events;
    } catch {
      return [];
    }
  };
  const isInForce = () => eventsOf().some(({ type }) => type === 'injected');
  const ended = harness.done.then(({ exitCode, stderr }) => {
    throw new Error(`the run ended: ${exitCode}: ${stderr}`);
  });
  ended.catch(() => undefined);
  try {
    const inForce = waitUntil('the fault is in force', isInForce, { timeoutMs: 90_000 });
    await Promise.race([inForce, ended]);
  } catch (error) {
    if (isRunning(harness.pid)) harness.kill();
    throw error;
  }
  await sleep(1_000);
  const early = await forkpoint(
    reports,
    'verify',
    folder,
    '--dsn',
    'postgres://nobody@127.0.0.1:1/',
  );
  expect([early.exitCode, early.stderr]).toEqual([3, expect.stringContaining('still going on')]);
  // The dead-man timers, each started by nsenter, watch the lab for some seconds more.
  const workers = allPids()
    .map(processFacts)
    .filter((facts) => facts?.parent === harness.pid && facts.name !== 'nsenter')
    .map((facts) => facts!.pid);
  expect(workers.length).toBeGreaterThan(0);
  harness.kill();
  await harness.done;
  await waitUntil('no worker is left', () => !workers.some(isRunning), { timeoutMs: 2_000 });
}

async function refusesAnotherDatabase(reports: string): Promise<void> {
  const folder = path.join(reports, 'interrupted/latest');
  await using other = await startPostgres();
  const { credentials, tcpEndpoint } = other;
  const where = `${tcpEndpoint.host}:${tcpEndpoint.port}/${credentials.database}`;
  const dsn = `postgres://${credentials.user}:${credentials.password}@${where}`;
  const before = readdirSync(folder);
  const { exitCode, stdout, stderr } = await forkpoint(reports, 'verify', folder, '--dsn', dsn);
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/does not hold run \S+: .* Nothing was judged\.$/);
  expect(stdout + stderr).not.toContain(credentials.password);
  expect(readdirSync(folder)).toEqual(before);
}

async function servesTheNextRun(id: string, reports: string): Promise<void> {
  const file = path.join(reports, 'next.yaml');
  const text = interrupted.replace('name: interrupted', 'name: next').replace('60s', '3s');
  writeFileSync(file, text);
  const { exitCode, stdout } = await forkpoint(reports, 'run', file, '--attach', id, '--quiet');
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Verdict: PASS')]);
  const psql = await forkpoint(reports, 'psql', 'pg1', '--', '-Atc', 'SELECT 42');
  expect([psql.exitCode, psql.stdout]).toEqual([0, '42']);
  const exec = await forkpoint(reports, 'exec', 'pg2', '--lab', id, '--', 'ip', '-o', 'addr');
  expect([exec.exitCode, exec.stdout]).toEqual([0, expect.stringContaining('10.77.0.12/24')]);
}

/** Counted without Forkpoint's own reader: each row is one write, and each further version another. */
async function writesOnPrimary(id: string, runId: string): Promise<number> {
  const record = (await liveLabs()).find((lab) => lab.id === id);
  await using cluster = await local.attach!(record);
  const [node] = cluster.nodes;
  await using session = await connect(node!.observer, cluster.credentials, {
    connectTimeoutMs: 5_000,
  });
  const [row] = await session.rows<{ writes: number }>(
    `SELECT (count(*) + sum(version))::int AS writes FROM ${schemaOf(runId)}.ledger`,
  );
  return row!.writes;
}
