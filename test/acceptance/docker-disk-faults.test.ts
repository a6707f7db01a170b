import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { memberLogs } from '../../src/backends/docker/logs.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { bootDocker, hasDocker, inEngine } from '../helpers/docker.ts';
import { injectFault, nodeOf } from '../helpers/inject.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

const isRoot = process.getuid?.() === 0;
const longestMs = 90_000;

describe.skipIf(!hasDocker || !isRoot)('a layer over the disks of a container', () => {
  let cluster: Cluster;
  const owned = ownedBySuite();
  owned.defer(async () => expect(await inEngine()).toEqual([]));
  beforeAll(async () => {
    const patroni = { ttl: 60, loop_wait: 2, retry_timeout: 20 };
    const spec = { nodes: 1, patroni, convergeMs: 180_000 };
    cluster = owned.use(await bootDocker(spec, undefined, undefined, ['io']));
    await ask('CREATE TABLE seen (what text)');
  }, 300_000);

  async function ask(text: string): Promise<unknown> {
    const [row] = await nodeOf(cluster, 'pg1').sql!.query(text, [], { timeoutMs: longestMs });
    return Object.values(row ?? {})[0];
  }

  const outcome = (text: string) => ask(text).then(() => 'ok', String);

  test('holds a commit without an error, and lets it go at the heal', async () => {
    const { heal, lapse } = await injectFault(cluster, 'disk-stall', {
      on: ['pg1'],
      params: { area: 'wal' },
    });
    let isOver = false;
    const commit = outcome("INSERT INTO seen VALUES ('stalled')").finally(() => (isOver = true));
    await waitUntil(
      'a commit waits for the disk',
      () =>
        ask(
          `SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event IN ('WalSync', 'WALSync', 'WalWrite', 'WALWrite')`,
        ),
      { timeoutMs: longestMs, everyMs: 200 },
    ).finally(async () => {
      expect([isOver, await lapse()]).toEqual([false, undefined]);
      await heal();
    });
    expect(await commit).toBe('ok');
  });

  test('ends the server with a PANIC when an fsync of WAL fails, and it recovers after the heal', async () => {
    const bad = { area: 'wal', operations: ['fsync'] };
    const { heal } = await injectFault(cluster, 'disk-error', { on: ['pg1'], params: bad });
    const failed = await outcome("INSERT INTO seen VALUES ('never acknowledged')");
    const log = async () =>
      (await nodeOf(cluster, 'pg1').shell!.run(['cat', ...memberLogs])).stdout;
    await waitUntil('the log shows the PANIC', async () => (await log()).includes('PANIC'), {
      timeoutMs: longestMs,
    }).finally(heal);
    expect(failed).not.toBe('ok');
    expect(await log()).toMatch(/PANIC: {2}could not f(data)?sync file .*Input\/output error/);
    await waitUntil(
      'pg1 has recovered',
      () => ask("SELECT count(*) > 0 FROM seen WHERE what = 'stalled'"),
      { timeoutMs: longestMs, everyMs: 500 },
    );
  });
});
