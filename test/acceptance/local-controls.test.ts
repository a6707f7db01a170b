import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Node } from '../../src/contracts/cluster.ts';
import { patroniMembers } from '../../src/backends/local/cluster.ts';
import { etcdMembers } from '../../src/backends/local/etcd-members.ts';
import type { LabRecord } from '../../src/backends/local/record.ts';
import { EtcdLocks } from '../../src/patroni/etcd-locks.ts';
import { RestLocks } from '../../src/patroni/rest-locks.ts';
import { waitUntil } from '../../src/std/wait.ts';
import {
  freezesAndResumes,
  freezesTheLock,
  losesAndRegainsTheLock,
  query,
  skewsTheClock,
  stopsAndStarts,
  tagsWhileItRuns,
} from '../helpers/controls.ts';
import { injectFault } from '../helpers/inject.ts';
import { bootLab, temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

const reports = temporaryReports();
let cluster: Cluster;
let pg1: Node;
let pg3: Node;

const owned = ownedBySuite();
owned.use(reports);
beforeAll(async () => {
  cluster = owned.use(await bootLab(reports.folder, {}, undefined, ['clock', 'power']));
  [pg1, , pg3] = cluster.nodes as [Node, Node, Node];
  await query(cluster, pg1, 'CREATE TABLE filler (line text)');
});

/** 'ok', or the SQLSTATE. */
function insert(megabytes: number): Promise<string> {
  const rows = megabytes * 1000;
  const text = `INSERT INTO filler SELECT repeat(md5(n::text), 31) FROM generate_series(1, ${rows}) n`;
  return query(cluster, pg1, text).then(
    () => 'ok',
    (error: unknown) => (error as { sqlState: string }).sqlState,
  );
}

test("a lab's nodes have what every control needs, as tried on the node itself", async () => {
  const found = (await pg3.probe?.()) ?? [];
  expect(found.filter(({ isMissing }) => isMissing)).toEqual([]);
  const working = found.map(({ name }) => name);
  expect(working).toEqual(expect.arrayContaining(['signals', 'iptables', 'tbf', 'delays']));
});

test("the leader's lock reads the same from etcd and through Patroni's REST interface, in maintenance mode too", async () => {
  const record = cluster.record as LabRecord;
  const readers = [
    new EtcdLocks(etcdMembers(record)),
    new RestLocks(patroniMembers(record)),
  ] as const;
  const soon = () => AbortSignal.timeout(5_000);
  const agree = async (isPaused: boolean) => {
    const [etcd, rest] = await Promise.all(readers.map((reader) => reader.leader(soon())));
    expect(rest).toMatchObject({ leader: etcd?.leader, isPaused, syncStandbys: [] });
    expect(etcd).toMatchObject({ leader: 'pg1', isPaused });
    expect(Object.keys(rest?.states ?? {}).sort()).toEqual(['pg1', 'pg2', 'pg3']);
  };
  await agree(false);
  await cluster.patroni?.pause(true, AbortSignal.timeout(20_000));
  await agree(true);
  await cluster.patroni?.pause(false, AbortSignal.timeout(20_000));
});

test('a skewed clock is the clock that PostgreSQL on that node shows', async () => {
  await skewsTheClock(cluster, pg3);
});

test('a full disk for tables refuses a write, and accepts it once it is freed', async () => {
  await pg1.disk!.fill('data', 0);
  const full = await insert(5);
  await pg1.disk!.free('data');
  await pg1.disk!.free('data');
  expect([full, await insert(5)]).toEqual(['53100', 'ok']);
});

test('a disk whose other files are removed has room again, and is no longer full', async () => {
  const other = '/run/lab/pg3/disk/other';
  expect((await pg3.shell!.run(['fallocate', '-l', '100M', other])).exitCode).toBe(0);
  const full = { on: ['pg3'], params: { area: 'data', leave: '50MB' } };
  const { heal, lapse } = await injectFault(cluster, 'disk-full', full);
  expect(await lapse()).toBeUndefined();
  await pg3.shell!.run(['rm', other]);
  expect(await lapse()).toBe('the data disk of pg3 has room again: other files were removed');
  await heal();
});

test('a replica frozen for a moment continues where it was', async () => {
  await freezesAndResumes(cluster, pg3);
});

test('a node that is stopped cleanly comes back when it is started', async () => {
  await stopsAndStarts(cluster, pg3);
});

test('a replica whose pg_wal is on a disk of its own is cloned onto both', async () => {
  await cluster.patroni!.reinitialize('pg3', new AbortController().signal);
  await waitUntil(
    'pg3 streams again',
    async () => (await query(cluster, pg3, 'SELECT count(*) > 0 AS value FROM filler')) === true,
    { timeoutMs: 40_000 },
  );
  const { stdout } = await pg3.shell!.run(['readlink', '/run/lab/pg3/disk/data/pg_wal']);
  expect(stdout.trim()).toBe('/run/lab/pg3/wal/pg_wal');
});

test('a tag that is set while Patroni runs is shown, and is taken away again', async () => {
  await tagsWhileItRuns(cluster, pg3);
});

test('no leader is known while the DCS is frozen', async () => {
  await freezesTheLock(cluster);
});

test('without a quorum of the DCS there is no leader, and with its members there is one again', async () => {
  await losesAndRegainsTheLock(cluster);
});

describe('a power cut', () => {
  test('loses what was written but not flushed, and nothing else', async () => {
    const file = '/run/lab/pg3/disk/witness';
    await pg3.shell!.run([
      'sh',
      '-c',
      `echo flushed > ${file}; sync ${file}; echo unflushed > ${file}.new`,
    ]);
    await pg3.power!.cut();
    const { stdout } = await pg3.shell!.run(['sh', '-c', `cat ${file} ${file}.new 2>/dev/null`]);
    expect([stdout.trim(), await pg3.process!.isRunning('node')]).toEqual(['flushed', false]);
    await pg3.process!.start('node');
    await waitUntil('pg3 answers', () => query(cluster, pg3, 'SELECT true AS value'), {
      timeoutMs: 30_000,
    });
  });
});
