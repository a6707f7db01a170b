import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Workload } from '../../../src/contracts/workload.ts';
import { readObservations } from '../../../src/evidence/store/read-observations.ts';
import { readsOf } from '../../../src/judge/reads/reads.ts';
import type { KeptLine } from '../../../src/evidence/observations/format.ts';
import { ClientReads } from '../../../src/load/client-reads.ts';
import { LoadClock } from '../../../src/load/clock.ts';
import { heartbeatSetup } from '../../../src/load/heartbeat-table.ts';
import { LoadReader } from '../../../src/load/load-reader.ts';
import { Observing } from '../../../src/load/observing.ts';
import { OwnWrites } from '../../../src/load/own-writes.ts';
import type { WorkerSpec } from '../../../src/load/protocol.ts';
import { ReadTimes } from '../../../src/load/read-times.ts';
import { ReadLog } from '../../../src/load/read-log.ts';
import { connect } from '../../../src/pg/connect.ts';
import type { Session } from '../../../src/pg/session.ts';
import { waitUntil } from '../../../src/std/wait.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';

const delayMs = 1_500;
const parameters = { fsync: 'off' };
const resources = new AsyncDisposableStack();
let primary: PostgresServer;
let delayed: PostgresServer;
let directory: string;
let onPrimary: Session;
let onReplica: Session;
beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'fp-observing-'));
  resources.defer(() => rmSync(directory, { recursive: true }));
  mkdirSync(path.join(directory, 'observations'));
  primary = resources.use(await startPostgres({ parameters }));
  delayed = resources.use(await startPostgres({ parameters, replicaOf: primary }));
  onPrimary = await sessionOn(primary);
  onReplica = await sessionOn(delayed);
  await onPrimary.rows('CREATE SCHEMA run');
  await onPrimary.query(heartbeatSetup('run'));
});
afterAll(() => resources.disposeAsync());

async function sessionOn({ endpoint, credentials }: PostgresServer): Promise<Session> {
  return resources.use(await connect(endpoint, credentials, { connectTimeoutMs: 10_000 }));
}

const workload = {
  reader: () => ({
    next: () => ({
      name: 'one',
      on: 'any',
      statement: { text: 'SELECT 1', values: [] },
      keep: () => 1,
    }),
  }),
} as unknown as Workload;

/** What readers of both servers see while something goes on. */
async function observed(act: (nowMs: () => number) => Promise<void>) {
  const load = { durationMs: 60_000, deadlineMs: 5_000, readers: { count: 4, ratePerSecond: 80 } };
  const spec = {
    worker: 0,
    workers: 1,
    isHome: true,
    firstReader: 0,
    readers: 4,
    observes: true,
    load,
    members: [
      { name: 'pg1', endpoint: primary.tcpEndpoint },
      { name: 'pg2', endpoint: delayed.tcpEndpoint },
    ],
    credentials: primary.credentials,
    context: { schema: 'run', runId: 'r1' },
  } as unknown as WorkerSpec;
  const parts: Buffer[] = [];
  const sink = {
    name: 'test',
    write: (bytes: Buffer) => Promise.resolve(void parts.push(bytes)),
    close: () => Promise.resolve(),
  };
  const over = new AbortController();
  const clock = new LoadClock(process.hrtime.bigint());
  const running = Observing.of(spec, workload, { signal: over.signal, sink })?.run(clock);
  try {
    await act(() => clock.nowUs() / 1000);
  } finally {
    over.abort();
    await running;
  }
  writeFileSync(path.join(directory, 'observations/0.jsonl'), Buffer.concat(parts));
  const found = await readObservations(directory, { runId: 'r1', originMs: 0, readers: 4 });
  expect(found?.missing).toEqual([]);
  const reads = readsOf(found, { originMs: 0 });
  const node = (name: string) => reads?.nodes.find((each) => each.node === name);
  const beats = found?.states?.beats ?? [];
  const gapsMs = beats.map(({ answeredMs }, index) => answeredMs - (beats[index - 1]?.sentMs ?? 0));
  // To 100 ms, unless this machine was too busy for the heartbeat.
  const toleranceMs = Math.max(100, Math.max(...gapsMs) + 50);
  return { reads, replica: node('pg2'), primary: node('pg1'), toleranceMs };
}

/** Both servers without a heartbeat. */
async function cleared(): Promise<void> {
  await onPrimary.rows('TRUNCATE run.forkpoint_heartbeat');
  const isEmpty = async () =>
    (await onReplica.rows('SELECT FROM run.forkpoint_heartbeat').catch(() => [0])).length === 0;
  await waitUntil('the replica has replayed that', isEmpty, { timeoutMs: 60_000 });
}

async function until(nowMs: () => number, ms: number): Promise<void> {
  const isThen = () => Promise.resolve(nowMs() >= ms);
  await waitUntil(`${ms} ms have passed`, isThen, { timeoutMs: 60_000, everyMs: 10 });
}

test('a replica that replays everything later by a set time shows its age to 100 ms', async () => {
  await cleared();
  await onReplica.rows(`ALTER SYSTEM SET recovery_min_apply_delay = '${delayMs}ms'`);
  await onReplica.rows('SELECT pg_reload_conf()');
  let lastReplayedMs = 0;
  const found = await observed(async (nowMs) => {
    // The server's own word: how long ago the last transaction that it shows was committed.
    const text = `SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 * 1000 AS ms`;
    for (let at = 2_500; at < 6_000; at += 10) {
      await until(nowMs, at);
      const [row] = await onReplica.rows<{ ms: number }>(text);
      lastReplayedMs = Math.max(lastReplayedMs, row?.ms ?? 0);
    }
  });
  await onReplica.rows('ALTER SYSTEM RESET recovery_min_apply_delay');
  await onReplica.rows('SELECT pg_reload_conf()');
  const { reads, replica, primary: fresh, toleranceMs } = found;
  const said = JSON.stringify({ replica, fresh, lastReplayedMs, toleranceMs });
  // Half of its reads are at most a heartbeat's interval younger than the delay.
  expect(Math.abs((replica?.medianMs ?? 0) - delayMs), said).toBeLessThan(toleranceMs);
  const { atLeastMs = 0, atMostMs = 0 } = replica?.staleness ?? {};
  expect(atLeastMs, said).toBeGreaterThan(delayMs - toleranceMs);
  expect(atLeastMs, said).toBeLessThan(lastReplayedMs + toleranceMs);
  expect(atMostMs, said).toBeGreaterThanOrEqual(delayMs);
  expect(reads?.staleness?.node).toBe('pg2');
  expect(fresh?.medianMs, said).toBeLessThan(toleranceMs);
  // Readers go from one server to the other, so half of what they see is a step back.
  const { stepsBack } = reads ?? {};
  expect(stepsBack?.reads).toBeGreaterThan(10);
  expect(stepsBack?.onConnection).toBe(0);
  expect(stepsBack?.first.every(({ node }) => node === 'pg2')).toBe(true);
});

test('a replica whose replay is paused ages with the clock', async () => {
  await cleared();
  let pausedMs = 0;
  let most = 0;
  const { replica, toleranceMs } = await observed(async (nowMs) => {
    await until(nowMs, 1_000);
    const beforeMs = nowMs();
    await onReplica.rows('SELECT pg_wal_replay_pause()');
    const text = 'SELECT pg_get_wal_replay_pause_state() AS state';
    const isPaused = async () =>
      (await onReplica.rows<{ state: string }>(text))[0]?.state === 'paused';
    await waitUntil('replay is paused', isPaused, { timeoutMs: 60_000, everyMs: 10 });
    pausedMs = nowMs();
    await until(nowMs, pausedMs + 2_000);
    await onReplica.rows('SELECT pg_wal_replay_resume()');
    most = nowMs() - beforeMs;
    await until(nowMs, pausedMs + 3_000);
  });
  const said = JSON.stringify({ replica, pausedMs, most, toleranceMs });
  const { atLeastMs = 0, atMostMs = 0, atMs = 0 } = replica?.staleness ?? {};
  // The stalest read was sent some time before replay went on: how old its state was is known from that moment.
  expect(atMs, said).toBeGreaterThan(pausedMs + 2_000 - toleranceMs);
  expect(Math.abs(atLeastMs - (atMs - pausedMs)), said).toBeLessThan(toleranceMs);
  expect(Math.abs(atMostMs - (atMs - pausedMs)), said).toBeLessThan(toleranceMs);
  expect(atMostMs, said).toBeLessThan(most + toleranceMs);
});

test('a client misses its own write on a paused replica, and finds it on its own connection', async () => {
  await onPrimary.rows('CREATE TABLE run.own (writer int, seq int, version int)');
  const hasTable = () =>
    onReplica.rows('SELECT FROM run.own').then(
      () => true,
      () => false,
    );
  await waitUntil('the replica has the table', hasTable, { timeoutMs: 60_000 });
  await onReplica.rows('SELECT pg_wal_replay_pause()');
  await onPrimary.rows('INSERT INTO run.own VALUES (3, 17, 0)');
  const counts = async (from: 'connection' | 'replica') => {
    const lines: KeptLine[] = [];
    const kept = { add: (line: KeptLine) => lines.push(line) };
    const log = new ReadLog(kept);
    const times = new ReadTimes(kept);
    const writes = new OwnWrites();
    const statement = { text: '', values: [] };
    writes.settled({ kind: 'insert', seq: 17, count: 1, version: 0, statement }, 'acknowledged');
    const read = {
      name: 'one',
      on: 'replica',
      statement: { text: 'SELECT 1', values: [] },
    } as const;
    const reader = { next: () => ({ ...read, keep: () => ({ found: 1, expected: 1 }) }) };
    const members = [
      { name: 'pg1', endpoint: primary.tcpEndpoint },
      { name: 'pg2', endpoint: delayed.tcpEndpoint },
    ];
    const own = { writer: 3, table: 'run.own', writes };
    const state = { schema: 'run', own, timeoutMs: 5_000 };
    const options = { number: 3, reader, state, log: log.session('client 3'), members };
    const session = { credentials: primary.credentials, applicationName: 'test' };
    const { signal } = new AbortController();
    const others =
      from === 'replica' ? new LoadReader({ ...options, ...session, signal }) : undefined;
    const reads = new ClientReads({
      ...options,
      spec: { share: 1, from },
      seed: 1,
      writes,
      times,
      others,
      signal,
    });
    expect(reads.isNext()).toBe(true);
    expect(await reads.read(new LoadClock(0n), 0, { session: onPrimary, member: 0 })).toBe(
      'answered',
    );
    reads.disconnect();
    log.close();
    times.close();
    expect(lines.at(-1)).toMatchObject({ by: 'client', answered: 1, failed: 0 });
    return lines.filter((line) => 'clientReads' in line || 'notSeenBy' in line);
  };
  const answered = { answered: 1, failed: 0, judged: 1, wrong: 0, own: 1 };
  expect(await counts('connection')).toEqual([{ clientReads: 'pg1', ...answered, ownNotSeen: 0 }]);
  expect(await counts('replica')).toEqual([
    { notSeenBy: 'client 3', node: 'pg2', sentUs: expect.any(Number) as number, seq: 17 },
    { clientReads: 'pg2', ...answered, ownNotSeen: 1 },
  ]);
  await onReplica.rows('SELECT pg_wal_replay_resume()');
});
