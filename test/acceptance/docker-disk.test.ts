import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Node } from '../../src/contracts/cluster.ts';
import { connect } from '../../src/pg/connect.ts';
import type { SqlError } from '../../src/pg/session.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { bootDocker, hasDocker, inEngine } from '../helpers/docker.ts';
import { shape } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

describe.skipIf(!hasDocker)('a disk of limited size', () => {
  let cluster: Cluster;
  let pg1: Node;

  const owned = ownedBySuite();
  owned.defer(() => {
    delete process.env.FORKPOINT_DOCKER_DISK;
  });
  owned.defer(async () => expect(await inEngine()).toEqual([]));
  beforeAll(async () => {
    process.env.FORKPOINT_DOCKER_DISK = '192m';
    cluster = owned.use(await bootDocker({ nodes: 1 }));
    pg1 = cluster.nodes[0]!;
    await query('CREATE TABLE filler (line text)');
  });

  async function query(sql: string) {
    await using session = await connect(pg1.observer, cluster.credentials, {
      connectTimeoutMs: 2_000,
    });
    return await session.rows(sql);
  }

  /** 'ok', or the SQLSTATE. */
  function insert(megabytes: number): Promise<string> {
    const rows = megabytes * 1000;
    return query(
      `INSERT INTO filler SELECT repeat(md5(n::text), 31) FROM generate_series(1, ${rows}) n`,
    ).then(
      () => 'ok',
      (error: unknown) => (error as SqlError).sqlState,
    );
  }

  async function freeMegabytes(area: 'disk' | 'wal'): Promise<number> {
    const { stdout } = await pg1.shell!.run([
      'df',
      '-BM',
      '--output=avail',
      `/var/lib/postgresql/${area}`,
    ]);
    return Number.parseInt(stdout.trim().split('\n').at(-1) ?? '', 10);
  }

  test('of an invalid size is refused, and leaves nothing', async () => {
    process.env.FORKPOINT_DOCKER_DISK = 'lots';
    await expect(bootDocker({ nodes: 1 })).rejects.toThrow(/FORKPOINT_DOCKER_DISK=lots: needs/);
    process.env.FORKPOINT_DOCKER_DISK = '192m';
    const left = await inEngine();
    expect(left.filter((name) => !name.includes(cluster.id))).toEqual([]);
  });

  test('that is full refuses a write with 53100, and accepts it once it is freed', async () => {
    const before = await freeMegabytes('disk');
    await pg1.disk!.free('data');
    await pg1.disk!.fill('data', 0);
    await pg1.disk!.fill('data', 0);
    expect(await freeMegabytes('disk')).toBe(0);
    expect(await insert(5)).toBe('53100');
    expect(await shape(cluster)).toEqual(['pg1 primary 1']);
    await pg1.disk!.free('data');
    await pg1.disk!.free('data');
    expect(await insert(5)).toBe('ok');
    expect(await freeMegabytes('disk')).toBeGreaterThan(before / 2);
  });

  test('is filled down to the space to be left', async () => {
    await pg1.disk!.fill('data', 10 * 1024 ** 2);
    const first = await freeMegabytes('disk');
    await pg1.disk!.fill('data', 30 * 1024 ** 2);
    const second = await freeMegabytes('disk');
    await pg1.disk!.free('data');
    expect([Math.abs(first - 10) <= 1, Math.abs(second - 30) <= 1]).toEqual([true, true]);
  });

  test('that holds the WAL stops the server when full, and lets it come back when freed', async () => {
    await pg1.disk!.fill('wal', 0);
    await waitUntil('the server stops', async () => (await insert(20)) !== 'ok', {
      timeoutMs: 20_000,
    });
    const panics = ['grep', '-c', 'PANIC.*No space left', '/var/lib/postgresql/postgres.log'];
    expect(Number((await pg1.shell!.run(panics)).stdout)).toBeGreaterThan(0);
    await pg1.disk!.free('wal');
    await waitUntil('the server takes writes', async () => (await insert(1)) === 'ok', {
      timeoutMs: 30_000,
    });
  });
});
