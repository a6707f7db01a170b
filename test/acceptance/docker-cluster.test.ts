import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import docker from '../../src/backends/docker.ts';
import type { Cluster, Node, Rule } from '../../src/contracts/cluster.ts';
import { run } from '../../src/std/exec.ts';
import { connect } from '../../src/pg/connect.ts';
import {
  bootDocker,
  hasDocker,
  inEngine,
  isRootOnLinux,
  sayWhySkipped,
} from '../helpers/docker.ts';
import { shape, untilShape } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

sayWhySkipped();

const settled = ['pg1 primary 1', 'pg2 replica 1 streaming', 'pg3 replica 1 streaming'];
const everything = { action: 'drop', peer: { kind: 'all' }, service: 'all' } as const;
const cutOff: readonly Rule[] = [
  { ...everything, direction: 'in' },
  { ...everything, direction: 'out' },
];
/** How long the silence of a node that is cut off is waited for. */
const cutMs = 1_500;
const ways = isRootOnLinux ? ['namespaces', 'engine'] : ['engine'];

describe.skipIf(!hasDocker).each(ways)('a cluster entered by way of %s', (way) => {
  const signal = new AbortController().signal;
  let cluster: Cluster;
  let pg1: Node;

  const owned = ownedBySuite();
  owned.defer(() => {
    delete process.env.FORKPOINT_DOCKER_ACCESS;
  });
  owned.defer(async () => expect(await inEngine()).toEqual([]));
  beforeAll(async () => {
    process.env.FORKPOINT_DOCKER_ACCESS = way;
    cluster = owned.use(await bootDocker({ parameters: { work_mem: '5MB' } }));
    pg1 = cluster.nodes[0]!;
  });

  /** Whether load workers get an answer from pg1's server; a busy machine takes seconds for one. */
  async function reaches(site: string, connectTimeoutMs = 20_000): Promise<boolean> {
    const { shell } = cluster.sites.find(({ name }) => name === site)!;
    const { host, port } = pg1.endpoint;
    const ask = `
      const { connect } = await import('${path.resolve('src/pg/connect.ts')}');
      const session = await connect({ host: '${host}', port: ${port} }, { user: 'postgres', database: 'postgres', password: process.env.SECRET }, { connectTimeoutMs: ${connectTimeoutMs} });
      session.destroy();`;
    const argv = [process.execPath, '--input-type=module', '--eval', ask];
    const env = { SECRET: cluster.credentials.password ?? '' };
    return (await shell.run(argv, { env })).exitCode === 0;
  }

  test('a booted cluster has the first node as leader and the others streaming', async () => {
    expect({ ...(await cluster.topology(signal)), members: await shape(cluster) }).toEqual({
      leader: 'pg1',
      syncStandbys: [],
      members: settled,
      isPaused: false,
    });
    expect(cluster.versions).toEqual({
      postgres: expect.stringMatching(/^1[5-9]\./) as string,
      patroni: expect.stringMatching(/^[3-9]\./) as string,
      dcs: expect.stringMatching(/^etcd 3\.\d/) as string,
    });
  });

  test('PostgreSQL runs with its durable defaults and the parameters of the scenario', async () => {
    await using session = await connect(pg1.observer, cluster.credentials, {
      connectTimeoutMs: 2_000,
    });
    const rows = await session.rows(
      `SELECT name, setting FROM pg_settings WHERE name IN
         ('fsync', 'full_page_writes', 'synchronous_commit', 'work_mem') ORDER BY name`,
    );
    expect(rows).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'synchronous_commit', setting: 'on' },
      { name: 'work_mem', setting: '5120' },
    ]);
  });

  test('no client reaches a node that is cut off, and the harness still sees it', async () => {
    const sites = cluster.sites.map(({ name }) => name);
    const all = (within?: number) => Promise.all(sites.map((site) => reaches(site, within)));
    expect(await all()).toEqual(sites.map(() => true));
    await pg1.network!.apply('cut', cutOff);
    await pg1.network!.apply('cut', cutOff);
    expect(await all(cutMs)).toEqual(sites.map(() => false));
    expect((await shape(cluster))[0]).toBe('pg1 primary 1');
    await pg1.network!.clear('cut');
    await pg1.network!.clear('cut');
    expect(await all()).toEqual(sites.map(() => true));
    await untilShape(cluster, settled);
  });

  test.runIf(way === 'namespaces')(
    'a partition from one client site leaves the other connected',
    async () => {
      const rule = { ...everything, peer: { kind: 'clients', site: 'minority' } } as const;
      await pg1.network!.apply('one', [{ ...rule, direction: 'in' }]);
      expect([await reaches('clients'), await reaches('minority', cutMs)]).toEqual([true, false]);
      await pg1.network!.clear('one');
      expect(await reaches('minority')).toBe(true);
    },
  );

  test('a killed replica is down until it is started, and then streams from where it was', async () => {
    const pg3 = cluster.nodes[2]!;
    await pg3.process!.signal('node', 'SIGKILL');
    expect((await shape(cluster))[2]).toBe('pg3 down');
    await pg3.process!.start('node');
    await pg3.process!.start('node');
    await untilShape(cluster, settled);
  });

  test('Patroni restarts PostgreSQL when only that is killed', async () => {
    const pg2 = cluster.nodes[1]!;
    await pg2.process!.signal('postgres', 'SIGKILL');
    await untilShape(cluster, settled);
  });

  test('a frozen server answers no client until it is continued', async () => {
    const pg2 = cluster.nodes[1]!;
    await pg2.process!.signal('postgres', 'SIGSTOP');
    expect((await shape(cluster))[1]).toBe('pg2 down');
    await pg2.process!.signal('postgres', 'SIGCONT');
    await untilShape(cluster, settled);
  });

  test('a snapshot of the data directory is a copy that outlives the original', async () => {
    const { path: copy, bytes } = await pg1.files!.snapshotData('before heal');
    const { stdout } = await pg1.shell!.run(['cat', `${copy}/PG_VERSION`]);
    const wal = await pg1.shell!.run(['sh', '-c', `[ ! -L ${copy}/pg_wal ] && ls ${copy}/pg_wal`]);
    expect([stdout.trim(), bytes > 10_000_000, wal.stdout.split('\n')[0]]).toEqual([
      cluster.versions.postgres.split('.')[0],
      true,
      expect.stringMatching(/^0000000100000000/),
    ]);
  });

  test('exec and psql work on a node from another terminal, as root', async () => {
    const found = (await docker.live!()).find(({ id }) => id === cluster.id)!;
    const said = async (argv: readonly string[]) => (await run(argv)).stdout;
    expect([
      await said(found.enter('pg2', ['hostname'])),
      await said([...found.psql('pg2'), '-Atc', 'SELECT pg_is_in_recovery()']),
    ]).toEqual(['pg2', 't']);
    expect(() => found.enter('pg9', ['true'])).toThrow(/has no pg9; it has .*pg1, pg2, pg3/);
  });

  test('a switchover by REST makes the named node the leader', async () => {
    await cluster.patroni!.switchover({ from: 'pg1', to: 'pg2' }, signal);
    const after = ['pg1 replica 2 streaming', 'pg2 primary 2', 'pg3 replica 2 streaming'];
    await untilShape(cluster, after);
  });

  test('logs of every node and of the DCS are collected', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-logs-'));
    await cluster.collectLogs(folder);
    const wanted = ['pg1/patroni.log', 'pg3/postgres.log', 'etcd1/etcd.log'];
    expect(wanted.map((file) => existsSync(path.join(folder, file)))).toEqual([true, true, true]);
    rmSync(folder, { recursive: true });
  });
});
