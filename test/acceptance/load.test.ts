import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationRecord } from '../../src/contracts/evidence.ts';
import { EnvironmentError } from '../../src/std/errors.ts';
import { run } from '../../src/std/exec.ts';
import { journalRecords, readJournal } from '../../src/evidence/journal/journal.ts';
import { LatencyRecorder } from '../../src/evidence/figures/latency-recorder.ts';
import { connect } from '../../src/pg/connect.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { startTestLoad, type TestLoad } from '../helpers/load.ts';
import { startPostgres, type PostgresServer } from '../helpers/postgres.ts';

let server: PostgresServer;
beforeEach(async () => {
  server = await startPostgres();
  return () => server[Symbol.asyncDispose]();
});

async function journalsOf(test: TestLoad): Promise<OperationRecord[]> {
  const names = (await readdir(test.journalDirectory)).toSorted();
  return names.flatMap((name) => [
    ...journalRecords(join(test.journalDirectory, name), { runId: test.runId }),
  ]);
}

async function areFinished(test: TestLoad): Promise<boolean[]> {
  const names = (await readdir(test.journalDirectory)).toSorted();
  const visitor = { record: () => undefined };
  return names.map(
    (name) => readJournal(join(test.journalDirectory, name), {}, visitor).isFinished,
  );
}

/** `writer/seq` -> version, as the journal implies when every outcome is certain. */
function expectedRows(records: readonly OperationRecord[]): Map<string, number> {
  const rows = new Map<string, number>();
  for (const { kind, outcome, writer, seq, count, version } of records) {
    if (outcome !== 'acknowledged') continue;
    for (let at = seq; at < seq + count; at++) {
      if (kind === 'delete') rows.delete(`${writer}/${at}`);
      else rows.set(`${writer}/${at}`, version);
    }
  }
  return rows;
}

async function storedRows(test: TestLoad): Promise<Map<string, number>> {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  const rows = await session.rows<{ key: string; version: number }>(
    `select writer || '/' || seq as key, version from ${test.table}
      where checksum = hashtextextended(payload, (version::bigint << 32) | seq) # writer::bigint`,
  );
  return new Map(rows.map(({ key, version }) => [key, version]));
}

/** For a load that only inserts single rows: the number of acknowledged rows. */
async function countRows(test: TestLoad): Promise<number> {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  const [row] = await session.rows<{ n: number }>(
    `select (count(*) + sum(version))::int as n from ${test.table}`,
  );
  return row?.n ?? 0;
}

async function setReadOnly(of: PostgresServer, isReadOnly: boolean): Promise<void> {
  await using session = await connect(of.endpoint, of.credentials, { connectTimeoutMs: 5_000 });
  await session.rows(`alter system set default_transaction_read_only = ${isReadOnly}`);
  await session.rows('select pg_reload_conf()');
}

function without(doubtful: ReadonlySet<string>, rows: Map<string, number>): Map<string, number> {
  return new Map([...rows].filter(([key]) => !doubtful.has(key)));
}

function outcomesOf(records: readonly OperationRecord[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(records, ({ outcome }) => outcome)].map(([outcome, all]) => [
      outcome,
      all.length,
    ]),
  );
}

describe('the load on a healthy server', () => {
  it('leaves exactly the rows in the table that its journals record as acknowledged', async () => {
    await using test = await startTestLoad(server, {
      mix: { insert: 0.6, update: 0.3, delete: 0.1 },
    });
    await test.load.done;
    const records = await journalsOf(test);
    expect(outcomesOf(records)).toEqual({ acknowledged: test.load.stats.acknowledged });
    expect(records.length).toBeGreaterThan(1_000);
    expect(await storedRows(test)).toEqual(expectedRows(records));
    expect(await areFinished(test)).toEqual([true, true]);
    expect(new Set(records.map(({ writer }) => writer)).size).toBe(8);
    expect(
      records.every(({ timeline, lsn, node }) => timeline === 1 && lsn > 0n && node === 0),
    ).toBe(true);
  });

  it('keeps each group of clients to its own rate and mix, over several workers', async () => {
    const route = { via: 'direct', pool: { on25006: 'reconnect' } } as const;
    const onlyInsert = { insert: 1, update: 0, delete: 0 };
    await using test = await startTestLoad(server, {
      clients: 7,
      routes: [
        { ...route, name: 'steady', clients: 5 },
        { ...route, name: 'thinking', clients: 2 },
      ],
      groups: [
        { name: 'steady', clients: 5, ratePerSecond: 50, mix: onlyInsert },
        {
          name: 'thinking',
          clients: 2,
          think: { leastMs: 50, mostMs: 50 },
          mix: { insert: 0.5, update: 0.5, delete: 0 },
        },
      ],
    });
    await test.load.done;
    const records = await journalsOf(test);
    const [steady = [], thinking = []] = [0, 1].map((group) =>
      records.filter(({ writer }) => (writer < 5 ? 0 : 1) === group),
    );
    expect(steady.length).toSatisfy((count: number) => count >= 95 && count <= 103);
    expect(new Set(steady.map(({ kind }) => kind))).toEqual(new Set(['insert']));
    // 2 clients, a pause of 50 ms after each answer, for 2 s.
    expect(thinking.length).toSatisfy((count: number) => count > 4 && count <= 82);
    expect(new Set(thinking.map(({ kind }) => kind))).toEqual(new Set(['insert', 'update']));
    expect(await storedRows(test)).toEqual(expectedRows(records));
  });

  it('does the same with batches into table partitions, and journals the server-generated ids', async () => {
    await using test = await startTestLoad(server, {
      batch: 7,
      clients: 3,
      durationMs: 1_000,
      params: { serverIds: true, partitions: 3 },
    });
    await test.load.done;
    expect(await storedRows(test)).toEqual(expectedRows(await journalsOf(test)));
    const ids = new Set<number>();
    for (const name of await readdir(test.journalDirectory)) {
      readJournal(
        join(test.journalDirectory, name),
        {},
        {
          id: (cursor) => {
            for (let at = 0; at < cursor.count; at++) ids.add(cursor.id + at);
          },
        },
      );
    }
    await using session = await connect(server.endpoint, server.credentials, {
      connectTimeoutMs: 5_000,
    });
    const stored = await session.rows<{ id: string }>(`select id from ${test.table}`);
    expect(ids).toEqual(new Set(stored.map(({ id }) => Number(id))));
  });

  it('keeps its rate, and ends early on request', async () => {
    await using test = await startTestLoad(server, { ratePerSecond: 200, durationMs: 60_000 });
    await sleep(2_050);
    await test.load.stop();
    await test.load.done;
    const { acknowledged } = test.load.stats;
    expect(acknowledged).toBeGreaterThan(380);
    expect(acknowledged).toBeLessThan(425);
    expect(await areFinished(test)).toEqual([true, true]);
  });

  it('runs behind a prefix that changes namespaces and the working directory', async () => {
    const prefix = ['nsenter', '-t', String(process.pid), '-m', '--', 'env', '-C', '/'];
    await using test = await startTestLoad(server, { prefix, durationMs: 500 });
    await test.load.done;
    expect(test.load.stats.acknowledged).toBeGreaterThan(50);
  });
});

describe('the load on a server that freezes', () => {
  it('gives up each operation at its deadline, as indeterminate, and continues when the server does', async () => {
    await using test = await startTestLoad(server, {
      durationMs: 4_000,
      deadlineMs: 500,
      clients: 4,
      workers: 1,
    });
    await sleep(800);
    await server.signal('SIGSTOP');
    await sleep(1_200);
    await server.signal('SIGCONT');
    await test.load.done;
    const records = await journalsOf(test);
    const hung = records.filter(({ outcome }) => outcome === 'indeterminate');
    expect(hung.map(({ sqlState }) => sqlState)).toEqual(['', '', '', '']);
    expect(hung.every(({ latencyUs }) => latencyUs > 490_000 && latencyUs < 1_000_000)).toBe(true);
    const isLate = ({ sentUs, outcome }: OperationRecord) =>
      sentUs > 2_500_000 && outcome === 'acknowledged';
    expect(records.filter(isLate).length).toBeGreaterThan(100);
    // The server may still have executed the operations that were given up; nothing else may differ.
    const doubtful = new Set(hung.map(({ writer, seq }) => `${writer}/${seq}`));
    expect(without(doubtful, await storedRows(test))).toEqual(
      without(doubtful, expectedRows(records)),
    );
  });

  it('shows the stall in every operation that was due during it (open loop)', async () => {
    await using test = await startTestLoad(server, {
      durationMs: 3_000,
      deadlineMs: 5_000,
      clients: 4,
      workers: 1,
      ratePerSecond: 100,
    });
    await sleep(800);
    await server.signal('SIGSTOP');
    await sleep(1_000);
    await server.signal('SIGCONT');
    await test.load.done;
    const records = await journalsOf(test);
    const fromSend = new LatencyRecorder();
    const fromIntended = new LatencyRecorder();
    for (const { latencyUs, waitedUs } of records) {
      fromSend.record(latencyUs);
      fromIntended.record(latencyUs + waitedUs);
    }
    // 100 of about 300 were due during the stall; only the four in flight were sent before it.
    expect(fromIntended.summary()!.p95).toBeGreaterThan(600);
    expect(fromSend.summary()!.p95).toBeLessThan(300);
    expect(records.length).toBeGreaterThan(280);
  });
});

describe('the load on a server that dies', () => {
  it.each([
    ['one operation', 1],
    ['eight operations', 8],
  ])(
    'reconnects when it is back: with %s in progress no acknowledged row is missing',
    async (_, pipeline) => {
      const spec = { durationMs: 120_000, clients: 4, workers: 1, pipeline };
      await using test = await startTestLoad(server, spec);
      const acknowledges = (rows: number) =>
        waitUntil(`${rows} rows`, () => test.load.acknowledged >= rows || undefined, {
          timeoutMs: 60_000,
          everyMs: 20,
        });
      await acknowledges(100);
      await server.stop('SIGKILL');
      const before = test.load.acknowledged;
      await server.start();
      await acknowledges(before + 1_000);
      await test.load.stop();
      const records = await journalsOf(test);
      const broken = records.filter(({ outcome }) => outcome === 'indeterminate');
      expect(broken.length).toBeLessThanOrEqual(4 * pipeline);
      const doubtful = new Set(broken.map(({ writer, seq }) => `${writer}/${seq}`));
      expect(without(doubtful, await storedRows(test))).toEqual(
        without(doubtful, expectedRows(records)),
      );
    },
  );

  it('does not start if no node takes writes, and reports the answer of each node', async () => {
    const members = [{ name: 'pg1', endpoint: { host: '127.0.0.1', port: 1 } }];
    await expect(
      startTestLoad(server, { members, options: { readyTimeoutMs: 15_000 } }),
    ).rejects.toThrow(/no writable member in 15000 ms: pg1: 127.0.0.1:1: connect ECONNREFUSED/);
  });
});

describe('the load on a primary that stops taking writes', () => {
  it('looks for another node after the first refusal, and journals which node acknowledged each write', async () => {
    await using other = await startPostgres();
    await setReadOnly(other, true);
    await using test = await startTestLoad(server, {
      members: [
        { name: 'pg1', endpoint: server.tcpEndpoint },
        { name: 'pg2', endpoint: other.tcpEndpoint },
      ],
      alsoSeed: [other],
      durationMs: 2_000,
      clients: 4,
      workers: 1,
      mix: { insert: 1, update: 0, delete: 0 },
    });
    await sleep(600);
    await setReadOnly(server, true);
    await setReadOnly(other, false);
    await test.load.done;
    const records = await journalsOf(test);
    const byNode = Map.groupBy(records, ({ node }) => node);
    const refused = records.filter(({ outcome }) => outcome !== 'acknowledged');
    expect(
      new Set(refused.map(({ node, outcome, sqlState }) => `${node} ${outcome} ${sqlState}`)),
    ).toEqual(new Set(['0 failed 25006']));
    expect(refused.length).toBeLessThanOrEqual(4);
    expect(byNode.get(0)!.length).toBeGreaterThan(100);
    expect(byNode.get(1)!.length).toBeGreaterThan(100);
    const late = records.filter(({ sentUs }) => sentUs > 1_500_000);
    expect(new Set(late.map(({ node }) => node))).toEqual(new Set([1]));
  });
});

describe('a load that is held', () => {
  const signal = new AbortController().signal;

  const loops: readonly [string, number | undefined][] = [
    ['an open loop', 400],
    ['a closed loop', undefined],
  ];
  it.each(loops)(
    '%s starts no operation, then exactly the allowed ones, then continues',
    async (_, ratePerSecond) => {
      const holds: boolean[] = [];
      await using test = await startTestLoad(server, {
        // Ended below: allowed operations take as long as the machine likes.
        durationMs: 60_000,
        clients: 7,
        workers: 3,
        ...(ratePerSecond !== undefined && { ratePerSecond }),
        options: { onHold: (isHeld) => holds.push(isHeld) },
      });
      const { load } = test;
      await sleep(500);
      await load.hold(signal);
      const heldMs = performance.now();
      const held = load.acknowledged;
      expect(await countRows(test)).toBe(held);
      await sleep(600);
      expect([load.acknowledged, await countRows(test)]).toEqual([held, held]);
      for (const [operations, sum] of [
        ...[[500, 500] as const, [1, 501] as const, [5, 506] as const],
      ]) {
        expect(await load.allow(operations, signal)).toBe(operations);
        expect([load.acknowledged - held, await countRows(test)]).toEqual([sum, held + sum]);
      }
      await sleep(400);
      expect(load.acknowledged - held).toBe(506);
      const resumedMs = performance.now();
      await load.resume();
      await sleep(600);
      await load.hold(signal);
      const ranMs = performance.now() - resumedMs;
      expect(await countRows(test)).toBe(load.acknowledged);
      const gained = load.acknowledged - held - 506;
      expect(gained).toBeGreaterThan(20);
      await load.resume();
      await load.stop();
      await load.done;
      const records = await journalsOf(test);
      expect(outcomesOf(records)).toEqual({ acknowledged: load.acknowledged });
      // What was due while it was held, 400 operations and more, is not made up for; what was late before that is.
      if (ratePerSecond !== undefined) {
        const sentMs = records.map(({ sentUs }) => sentUs / 1_000).toSorted((x, y) => x - y);
        const dueBefore = (ratePerSecond * (sentMs[held - 1] ?? 0)) / 1_000;
        const late = Math.max(0, dueBefore - held);
        expect(gained).toBeLessThan((ratePerSecond * ranMs) / 1_000 + late + 40);
      }
      // Nor does it count as waiting.
      const longestMs = Math.max(...records.map(({ waitedUs }) => waitedUs)) / 1_000;
      expect(longestMs).toBeLessThan((resumedMs - heldMs) / 2);
      expect(holds).toEqual([true, false, true, false]);
    },
    80_000,
  );

  it('is held only when every operation under way has its outcome, at its deadline at the latest', async () => {
    await using test = await startTestLoad(server, {
      durationMs: 10_000,
      deadlineMs: 800,
      clients: 4,
      workers: 2,
    });
    await sleep(400);
    await server.signal('SIGSTOP');
    await sleep(50);
    const startedMs = performance.now();
    await test.load.hold(signal);
    const tookMs = performance.now() - startedMs;
    await server.signal('SIGCONT');
    expect(tookMs).toBeGreaterThan(500);
    expect(tookMs).toBeLessThan(1_500);
    expect(test.load.stats.inFlight).toBe(0);
  });

  it('cancels the allowed operations that could not start when its caller gives up', async () => {
    await using test = await startTestLoad(server, { durationMs: 10_000, clients: 4, workers: 2 });
    const { load } = test;
    await sleep(300);
    await load.hold(signal);
    const held = load.acknowledged;
    await server.stop('SIGKILL');
    await expect(load.allow(50, AbortSignal.timeout(500))).rejects.toThrow('timeout');
    await server.start();
    await sleep(1_500);
    expect(load.acknowledged - held).toBe(0);
    await load.hold(signal);
    expect(await load.allow(3, signal)).toBe(3);
  }, 20_000);

  it('can be held before it begins, and rejects calls when it is over or was never held', async () => {
    await using test = await startTestLoad(server, { durationMs: 800 });
    const { load } = test;
    await expect(load.allow(1, signal)).rejects.toThrow('the load is not held');
    await load.hold(signal);
    expect(load.acknowledged).toBeLessThan(20);
    await load.done;
    await expect(load.allow(1, signal)).rejects.toThrow('the load was over first');
    await load.resume();
  });
});

describe('a load worker', () => {
  const workers = async () => {
    const listed = await run(['ps', '-o', 'pid=,args=', '--ppid', String(process.pid)]);
    return listed.stdout
      .split('\n')
      .filter((line) => line.includes('/src/load/worker.ts'))
      .map((line) => Number(line.trim().split(' ')[0]));
  };

  it('that is killed fails the load as a bug of the harness, while the other journals are finished', async () => {
    await using test = await startTestLoad(server, { durationMs: 60_000 });
    await sleep(700);
    const [first] = await workers();
    process.kill(first!, 'SIGKILL');
    await expect(test.load.done).rejects.toThrow(EnvironmentError);
    await expect(test.load.done).rejects.toThrow('ended early with SIGKILL');
    expect((await areFinished(test)).toSorted()).toEqual([false, true]);
  });

  it('whose harness closes its input writes what it knows and ends at once', async () => {
    await using test = await startTestLoad(server, { durationMs: 60_000, workers: 1 });
    await sleep(700);
    const acknowledged = test.load.stats.acknowledged;
    await test.load[Symbol.asyncDispose]();
    expect(await workers()).toEqual([]);
    expect((await journalsOf(test)).length).toBeGreaterThanOrEqual(acknowledged);
  });

  it('keeps the password out of argv and environment', async () => {
    await using test = await startTestLoad(server, { durationMs: 60_000, workers: 1 });
    const [pid] = await waitUntil('a worker runs', workers, { timeoutMs: 2_000 });
    const secret = server.credentials.password!;
    const shown = await run(['cat', `/proc/${pid}/cmdline`, `/proc/${pid}/environ`]);
    expect(shown.stdout.length).toBeGreaterThan(100);
    expect(shown.stdout).not.toContain(secret);
    await test.load.stop();
  });
});
