import { text } from 'node:stream/consumers';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import local from '../../src/backends/local.ts';
import { labCommand, psqlCommand } from '../../src/backends/local/enter.ts';
import { type LabRecord, liveLabs } from '../../src/backends/local/record.ts';
import type { Cluster, Node, Rule } from '../../src/contracts/cluster.ts';
import type { Json } from '../../src/contracts/json.ts';
import { run } from '../../src/std/exec.ts';
import { connect } from '../../src/pg/connect.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { bootLab, shape, temporaryReports, untilShape } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

const reports = temporaryReports();
const signal = new AbortController().signal;
let cluster: Cluster;
let pg1: Node;
let record: LabRecord;

const owned = ownedBySuite();
owned.use(reports);
owned.defer(async () => expect(await liveLabs()).toEqual([]));
beforeAll(async () => {
  const parameters = { work_mem: '5MB' };
  cluster = owned.use(await bootLab(reports.folder, { parameters }));
  pg1 = cluster.nodes[0]!;
  record = (await liveLabs())[0]!;
});

const settled = ['pg1 primary 1', 'pg2 replica 1 streaming', 'pg3 replica 1 streaming'];
const everything = { action: 'drop', peer: { kind: 'all' }, service: 'all' } as const;
const cutOff: readonly Rule[] = [
  { ...everything, direction: 'in' },
  { ...everything, direction: 'out' },
];

/** Whether a client namespace can open a TCP connection to pg1. */
async function reaches(site: string, port = 5432): Promise<boolean> {
  const { shell } = cluster.sites.find(({ name }) => name === site)!;
  const dial = `exec 3<>/dev/tcp/${pg1.endpoint.host}/${port}`;
  return (await shell.run(['timeout', '0.5', 'bash', '-c', dial])).exitCode === 0;
}

test('a booted lab has the first node as leader and the others streaming', async () => {
  const topology = await cluster.topology(signal);
  expect({ ...topology, members: await shape(cluster) }).toEqual({
    leader: 'pg1',
    syncStandbys: [],
    members: settled,
    isPaused: false,
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
  await pg1.network!.apply('cut', cutOff);
  expect([await reaches('clients'), await reaches('minority')]).toEqual([false, false]);
  expect((await shape(cluster))[0]).toBe('pg1 primary 1');
  await pg1.network!.clear('cut');
  await pg1.network!.clear('cut');
  expect([await reaches('clients'), await reaches('minority')]).toEqual([true, true]);
});

test('a rule for one client site and one service affects nothing else', async () => {
  const peer = { kind: 'clients', site: 'minority' } as const;
  await pg1.network!.apply('one', [{ action: 'drop', direction: 'in', peer, service: 'postgres' }]);
  expect([
    await reaches('clients'),
    await reaches('minority'),
    await reaches('minority', 8008),
  ]).toEqual([true, false, true]);
  await pg1.network!.clear('one');
});

test('applying a tag again replaces its rules', async () => {
  await pg1.network!.apply('again', cutOff);
  await pg1.network!.apply('again', []);
  expect(await reaches('clients')).toBe(true);
  await pg1.network!.clear('again');
  const rules = (await pg1.shell!.run(['iptables', '-S'])).stdout;
  expect(rules).not.toContain('FP-');
});

test('cutting only port 5432 stops replication that is already streaming', async () => {
  const between = ['pg2', 'pg3'].flatMap((name): Rule[] =>
    (['in', 'out'] as const).map((direction) => ({
      action: 'drop',
      direction,
      service: 'postgres',
      peer: { kind: 'node', name },
    })),
  );
  await pg1.network!.apply('replication', between);
  await untilShape(cluster, ['pg1 primary 1', 'pg2 replica 1', 'pg3 replica 1']);
  await pg1.network!.clear('replication');
  await untilShape(cluster, settled);
});

test('a program at a client site talks to the harness on its standard streams', async () => {
  const { stdin, stdout, ended } = await cluster.sites[0]!.shell.open(['cat']);
  stdin.end('hello');
  expect(await text(stdout)).toBe('hello');
  expect((await ended).how).toBe('exit code 0');
});

test('a frozen node is down to the topology within 1.5 s and is back when continued', async () => {
  const pg3 = cluster.nodes[2]!;
  await pg3.process!.signal('node', 'SIGSTOP');
  const before = performance.now();
  expect(await shape(cluster)).toEqual(['pg1 primary 1', 'pg2 replica 1 streaming', 'pg3 down']);
  expect(performance.now() - before).toBeLessThan(1_500);
  await pg3.process!.signal('node', 'SIGCONT');
  await untilShape(cluster, settled);
});

test('a killed node has no process left and streams again after start', async () => {
  const pg3 = cluster.nodes[2]!;
  await pg3.process!.signal('node', 'SIGKILL');
  const { stdout } = await pg3.shell!.run(['pgrep', '-c', '-f', 'pg3/(patroni.yml|data)']);
  expect([stdout, (await shape(cluster))[2]]).toEqual(['0', 'pg3 down']);
  await pg3.process!.start('node');
  await pg3.process!.start('node');
  await untilShape(cluster, settled);
});

test('a snapshot holds the data directory inside the lab', async () => {
  const { path: copy, bytes } = await pg1.files!.snapshotData('before heal');
  const { stdout } = await pg1.shell!.run(['cat', `${copy}/PG_VERSION`]);
  expect({ stdout, copy, isWhole: bytes > 20_000_000 }).toEqual({
    stdout: cluster.versions.postgres.split('.')[0],
    copy: '/run/lab/pg1/snapshots/before-heal',
    isWhole: true,
  });
});

test('another process finds the lab by its record, and leaves it up', async () => {
  {
    const file = path.join(reports.folder, cluster.id, 'lab.json');
    const raw = JSON.parse(readFileSync(file, 'utf8')) as Json;
    await using attached = await local.attach!(raw);
    expect(await shape(attached)).toEqual(settled);
  }
  expect(await shape(cluster)).toEqual(settled);
});

test('exec and psql work on a node from another terminal', async () => {
  const hostName = await run(labCommand(record, 'pg2', ['ip', '-o', '-4', 'addr', 'show', 'eth0']));
  const sql = 'SELECT pg_is_in_recovery()';
  const asked = await run([...psqlCommand(record, 'pg2'), '-Atc', sql]);
  expect([hostName.stdout.includes('10.77.0.12/24'), asked.stdout]).toEqual([true, 't']);
});

test('every log is collected under its node', async () => {
  const folder = path.join(reports.folder, 'logs');
  await cluster.collectLogs(folder);
  const logs = ['patroni.log', 'postgres.log', 'etcd.log'];
  const files = ['pg1', 'pg2', 'pg3'].flatMap((node) => logs.map((log) => `${node}/${log}`));
  expect(files.filter((file) => !existsSync(path.join(folder, file)))).toEqual([]);
});

test('a switchover to a named replica makes it the leader of the next timeline', async () => {
  const said = await cluster.patroni!.switchover({ from: 'pg1', to: 'pg2' }, signal);
  expect(said).toContain('pg2');
  await waitUntil('pg2 leads', async () => (await cluster.topology(signal)).leader === 'pg2', {
    timeoutMs: 10_000,
  });
  const again = cluster.patroni!.switchover({ from: 'pg1', to: 'pg3' }, signal);
  await expect(again).rejects.toThrow(/Patroni answered 412: leader name does not match/);
  await untilShape(cluster, [
    'pg1 replica 2 streaming',
    'pg2 primary 2',
    'pg3 replica 2 streaming',
  ]);
});
