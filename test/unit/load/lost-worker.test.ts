import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { buildLedger } from '../../../src/judge/ledger/ledger.ts';
import type { WorkerChange } from '../../../src/load/crew.ts';
import { connect } from '../../../src/pg/connect.ts';
import { waitUntil } from '../../../src/std/wait.ts';
import { startTestLoad, type TestLoad } from '../../helpers/load.ts';
import { type PostgresServer, startPostgres } from '../../helpers/postgres.ts';
import { slowProxy } from '../../helpers/slow-proxy.ts';
import { childrenOf } from '../../../bench/support/process-cpu.ts';

const clients = 4;
const spec = { clients, durationMs: 6_000, mix: { insert: 1, update: 0, delete: 0 } };
/** A site as a Job is one: two workers stand ready, and a lost one is replaced. */
const site = { workers: 2, replaces: true };

interface Lost {
  readonly changes: readonly WorkerChange[];
  /** Operations of the lost worker a second, while it was there. */
  readonly rate: number;
}

/** Kills one of the load's processes in its course, and waits for the end. */
async function loseOne(
  test: TestLoad,
  changes: WorkerChange[],
  before: Set<number>,
  beside?: () => Promise<void>,
) {
  const writing = () => test.load.stats.acknowledged > 100 || undefined;
  await waitUntil('100 acknowledged writes', writing, { timeoutMs: 30_000 });
  const startedMs = Number(process.hrtime.bigint() - test.load.originNs) / 1e6;
  const rate = (test.load.stats.acknowledged / startedMs) * 1000;
  const worker = childrenOf(process.pid).find((pid) => !before.has(pid));
  if (worker === undefined) throw new Error('the load has no process');
  await beside?.();
  process.kill(worker, 'SIGKILL');
  await test.load.done;
  return { changes, rate } satisfies Lost;
}

async function rowsOf(server: PostgresServer, { table }: TestLoad) {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  const text = `select writer, count(*)::int from ${table} group by writer`;
  const rows = (await session.rows(text)) as readonly { writer: number; count: number }[];
  return new Map(rows.map(({ writer, count }) => [writer, count]));
}

function ledgerOf({ journalDirectory, runId }: TestLoad, writers: number) {
  const files = readdirSync(journalDirectory).filter((file) => file.endsWith('.bin'));
  return buildLedger(
    files.map((file) => path.join(journalDirectory, file)),
    { runId, writers },
  );
}

test('a lost worker is replaced by one with new writers, and every acknowledged write is in a journal', async () => {
  await using server = await startPostgres({ parameters: { fsync: 'off' } });
  const changes: WorkerChange[] = [];
  const before = new Set(childrenOf(process.pid));
  await using test = await startTestLoad(server, {
    ...spec,
    client: site,
    options: { onWorker: (change) => changes.push(change) },
  });
  const { rate } = await loseOne(test, changes, before);
  const [lost] = changes;
  if (lost?.edge !== 'lost') throw new Error('no worker was lost');
  expect(changes).toEqual([
    { edge: 'lost', worker: lost.worker, how: 'SIGKILL' },
    { edge: 'joined', worker: 2, inPlaceOf: lost.worker, firstWriter: 4, writers: 2 },
  ]);
  const rows = await rowsOf(server, test);
  const ledger = ledgerOf(test, clients + 2);
  expect(ledger.writers()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(ledger.partialWriters()).toBe(2);
  for (const writer of ledger.writers()) {
    const inJournal = ledger.writer(writer)?.next ?? 0;
    const inTable = rows.get(writer) ?? 0;
    if (ledger.isFinished(writer)) expect(inTable).toBe(inJournal);
    // What the lost worker was told in its last 100 ms, at up to three times the average rate, and its open operation.
    else expect(inTable - inJournal).toBeLessThanOrEqual((rate / clients) * 0.1 * 3 + 1);
    expect(inTable).toBeGreaterThan(0);
  }
});

test('one that comes after a node has got another address finds it there', async () => {
  await using server = await startPostgres({ parameters: { fsync: 'off' } });
  const first = await slowProxy(server.tcpEndpoint, 0);
  await using second = await slowProxy(server.tcpEndpoint, 0);
  const endpoint = { ...first.endpoint };
  const changes: WorkerChange[] = [];
  const before = new Set(childrenOf(process.pid));
  await using test = await startTestLoad(server, {
    ...spec,
    client: site,
    members: [{ name: 'pg1', endpoint }],
    options: { onWorker: (change) => changes.push(change) },
  });
  Object.assign(endpoint, second.endpoint);
  await loseOne(test, changes, before, () => first[Symbol.asyncDispose]());
  expect(changes.map(({ edge }) => edge)).toEqual(['lost', 'joined']);
  const rows = await rowsOf(server, test);
  expect(rows.get(4)).toBeGreaterThan(0);
});

test('where a lost worker is not replaced, the others go on to the end', async () => {
  await using server = await startPostgres({ parameters: { fsync: 'off' } });
  const changes: WorkerChange[] = [];
  const before = new Set(childrenOf(process.pid));
  await using test = await startTestLoad(server, {
    ...spec,
    // Of a number of operations only the lost worker knew which were left.
    operations: 100_000_000,
    client: site,
    options: { onWorker: (change) => changes.push(change) },
  });
  await loseOne(test, changes, before);
  expect(changes.map(({ edge }) => edge)).toEqual(['lost']);
  expect(test.load.stats.acknowledged).toBeGreaterThan(100);
});

test('at a site that replaces no worker, the load fails with a lost one', async () => {
  await using server = await startPostgres({ parameters: { fsync: 'off' } });
  const before = new Set(childrenOf(process.pid));
  await using test = await startTestLoad(server, spec);
  await expect(loseOne(test, [], before)).rejects.toThrow(/load worker \d: ended early/);
});
