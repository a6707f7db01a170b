import { beforeAll, describe, expect, test } from 'vitest';
import local from '../../src/backends/local.ts';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { runUntilHarmed, endRuns } from '../helpers/held-lab.ts';
import { injectFault, nodeOf } from '../helpers/inject.ts';
import { bootLab, temporaryReports, tracesOnHost } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

const reports = temporaryReports();
let cluster: Cluster;
const owned = ownedBySuite();
owned.use(reports);
const bootLimitMs = 300_000;

beforeAll(async () => {
  // So long a ttl that what is tested here never ends in a failover on a slow machine.
  const patroni = { ttl: 60, loop_wait: 2, retry_timeout: 20 };
  cluster = owned.use(await bootLab(reports.folder, { nodes: 1, patroni }, undefined, ['io']));
  await ask('CREATE TABLE seen (what text)');
}, bootLimitMs);

const longestMs = 90_000;

async function ask(text: string): Promise<unknown> {
  const [row] = await nodeOf(cluster, 'pg1').sql!.query(text, [], { timeoutMs: longestMs });
  return Object.values(row ?? {})[0];
}

/** The SQLSTATE, or 'ok'. */
const outcome = (text: string) =>
  ask(text).then(
    () => 'ok',
    (error: unknown) => (error as Error).message,
  );

const untilAsk = (what: string, text: string, wanted: unknown) =>
  waitUntil(
    what,
    async () => {
      const found = await ask(text);
      if (found !== wanted) throw new Error(String(found));
      return true;
    },
    { timeoutMs: longestMs, everyMs: 200 },
  );

const waitsForWal = `SELECT count(*)::int FROM pg_stat_activity
  WHERE wait_event IN ('WALSync', 'WALWrite', 'WALInitWrite', 'WALInitSync')`;

async function logOf(node: string): Promise<string> {
  const { stdout } = await nodeOf(cluster, node).shell!.run([
    'cat',
    `/run/lab/${node}/postgres.log`,
  ]);
  return stdout;
}

describe('disk-stall', () => {
  test('holds a commit without an error while reads are answered, and lets it go at the heal', async () => {
    const { heal, lapse } = await injectFault(cluster, 'disk-stall', {
      on: ['pg1'],
      params: { area: 'wal' },
    });
    try {
      let isOver = false;
      const commit = outcome("INSERT INTO seen VALUES ('stalled')").finally(() => (isOver = true));
      await untilAsk('a commit waits for the disk', `SELECT (${waitsForWal}) > 0`, true);
      expect([isOver, await lapse()]).toEqual([false, undefined]);
      await heal();
      await heal();
      expect(await commit).toBe('ok');
    } finally {
      await heal();
    }
    expect(await ask('SELECT count(*)::int FROM seen')).toBe(1);
    expect(await logOf('pg1')).not.toContain('PANIC');
  });

  test('is refused on a disk that another fault holds, and names that fault', async () => {
    const stalled = { on: ['pg1'], params: { area: 'data' } };
    const { heal } = await injectFault(cluster, 'disk-stall', stalled);
    try {
      const slow = { on: ['pg1'], params: { area: 'data', latency: '5ms' } };
      await expect(injectFault(cluster, 'disk-slow', slow)).rejects.toThrow(
        /pg1: slow of the data disk: .*another fault holds this disk: .*disk-stall#1/,
      );
      // The refused fault's own undo leaves the first one in force.
      expect(await nodeOf(cluster, 'pg1').io!.holds('data', 'disk-stall#1')).toBe(true);
    } finally {
      await heal();
    }
  });

  test('has lapsed once its settings are gone', async () => {
    const { heal, lapse } = await injectFault(cluster, 'disk-stall', {
      on: ['pg1'],
      params: { area: 'wal' },
    });
    await nodeOf(cluster, 'pg1').shell!.run(['rm', '/run/lab/pg1/wal-disk.json']);
    expect(await lapse()).toBe('the disks of pg1 were mended from outside the run');
    await heal();
  });
});

describe('disk-slow', () => {
  test('makes each commit wait for its fsync', async () => {
    await ask("INSERT INTO seen VALUES ('before')");
    const slow = { area: 'wal', operations: ['fsync'], latency: '1500ms' };
    const { heal } = await injectFault(cluster, 'disk-slow', { on: ['pg1'], params: slow });
    const began = performance.now();
    await ask("INSERT INTO seen VALUES ('slow')");
    const tookMs = performance.now() - began;
    await heal();
    expect(tookMs).toBeGreaterThan(1_500);
  });

  test('limits what is written in a second', async () => {
    const io = { area: 'data', operations: ['write'], throughput: '1MB/s' };
    const { heal } = await injectFault(cluster, 'disk-slow', { on: ['pg1'], params: io });
    const file = '/run/lab/pg1/disk/written';
    const began = performance.now();
    const argv = ['dd', 'if=/dev/zero', `of=${file}`, 'bs=64k', 'count=48'];
    const { exitCode } = await nodeOf(cluster, 'pg1').shell!.run(argv);
    const tookMs = performance.now() - began;
    await heal();
    await nodeOf(cluster, 'pg1').shell!.run(['rm', file]);
    expect(exitCode).toBe(0);
    // 3 MiB at 1 MB/s.
    expect(tookMs).toBeGreaterThan(3_000);
  });
});

describe('disk-error', () => {
  test('fails a read that the page cache could have answered', async () => {
    // More than shared_buffers, so that a scan reads from files.
    await ask(
      "CREATE TABLE wide AS SELECT repeat('x', 1000) AS line FROM generate_series(1, 40000)",
    );
    await ask('CHECKPOINT');
    const bad = { area: 'data', operations: ['read'] };
    const { heal } = await injectFault(cluster, 'disk-error', { on: ['pg1'], params: bad });
    const failed = await outcome('SELECT count(*) FROM wide');
    await heal();
    expect(failed).toMatch(/could not read (block \d+ in )?file .*: Input\/output error/);
    expect(await ask('SELECT count(*)::int FROM wide')).toBe(40_000);
  });

  test('ends the server with a PANIC when an fsync of WAL fails, and what was acknowledged is there after the heal', async () => {
    await ask("INSERT INTO seen VALUES ('acknowledged')");
    const bad = { area: 'wal', operations: ['fsync'] };
    const { heal } = await injectFault(cluster, 'disk-error', { on: ['pg1'], params: bad });
    const failed = await outcome("INSERT INTO seen VALUES ('never acknowledged')");
    await waitUntil('the log shows the PANIC', async () => (await logOf('pg1')).includes('PANIC'), {
      timeoutMs: longestMs,
    });
    await heal();
    expect(failed).not.toBe('ok');
    expect(await logOf('pg1')).toMatch(
      /PANIC: {2}could not f(data)?sync file .*Input\/output error/,
    );
    await untilAsk(
      'pg1 has recovered',
      "SELECT count(*)::int FROM seen WHERE what = 'acknowledged'",
      1,
    );
  });
});

// Among the last: that timer heals for some seconds more, whatever is injected then.
test('a stalled disk is healed by the timer at the target when the harness is killed', async () => {
  const step = { fault: 'disk-stall', params: { area: 'wal' }, target: 'pg1' };
  const child = await runUntilHarmed(
    reports.folder,
    'stalled',
    [step],
    [...['--attach', cluster.id]],
  );
  const io = nodeOf(cluster, 'pg1').io!;
  expect(await io.holds('wal', 'disk-stall#1')).toBe(true);
  const commit = outcome("INSERT INTO seen VALUES ('harness killed')");
  child.kill();
  expect(await commit).toBe('ok');
  expect(await io.holds('wal', 'disk-stall#1')).toBe(false);
  await endRuns();
});

test(
  'a lab whose disk is stalled ends at once, and leaves nothing on the host',
  async () => {
    using own = temporaryReports();
    const lab = await bootLab(own.folder, { nodes: 1 }, undefined, ['io']);
    await injectFault(lab, 'disk-stall', { on: ['pg1'], params: { area: 'both' } });
    const commit = nodeOf(lab, 'pg1').sql!.query('CREATE TABLE never (x int)').catch(String);
    const began = performance.now();
    await lab[Symbol.asyncDispose]();
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(typeof (await commit)).toBe('string');
    expect((await local.live?.())?.map(({ id }) => id)).not.toContain(lab.id);
    expect(await tracesOnHost()).toEqual([]);
  },
  bootLimitMs,
);
