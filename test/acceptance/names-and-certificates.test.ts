import { beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { monotonicMs, waitUntil } from '../../src/std/wait.ts';
import { injectFault, nodeOf } from '../helpers/inject.ts';
import { bootLab, temporaryReports, untilShape } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

const reports = temporaryReports();
let cluster: Cluster;
const owned = ownedBySuite();
owned.use(reports);
beforeAll(async () => {
  const own = { backend: 'local', params: { tls: 'verify-full' } };
  cluster = owned.use(await bootLab(reports.folder, { own }, undefined, ['names']));
});

const whole = ['pg1 primary 1', 'pg2 replica 1 streaming', 'pg3 replica 1 streaming'];
const libpq = 'user=postgres dbname=postgres connect_timeout=15';
const verified = 'sslmode=verify-full sslrootcert=/run/lab/authority/ca.crt';

/** What psql on pg2 gets from the server that pg1's name leads to, or its error. */
async function ask(statement: string, tls = verified): Promise<string> {
  const dsn = `host=pg1.forkpoint.test ${libpq} ${tls}`;
  const { stdout, stderr } = await nodeOf(cluster, 'pg2').shell!.run(
    ['psql', dsn, '-Atc', statement],
    { timeoutMs: 30_000 },
  );
  return (stdout || stderr).trim();
}

const isEncrypted = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
const encryptedStandbys =
  'SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_replication USING (pid) WHERE ssl';

test('clients and standbys verify the server by its name, and are encrypted', async () => {
  await untilShape(cluster, whole);
  expect(await ask(isEncrypted)).toBe('t');
  expect(await ask(encryptedStandbys)).toBe('2');
  expect(nodeOf(cluster, 'pg1').endpoint).toMatchObject({
    host: 'pg1.forkpoint.test',
    tls: {
      mode: 'verify-full',
      rootCertificates: expect.stringContaining('BEGIN CERTIFICATE') as string,
    },
  });
});

test('an expired certificate is refused by who verifies, until the former one is back', async () => {
  const { heal, lapse } = await injectFault(cluster, 'expire-certificate', { on: ['pg1'] });
  expect(await ask(isEncrypted)).toContain('certificate verify failed');
  expect(await ask(isEncrypted, 'sslmode=require')).toBe('t');
  expect(await lapse()).toBeUndefined();
  await untilShape(cluster, whole);
  await heal();
  expect(await lapse()).toBe('the certificate of pg1 was changed from outside the run');
  await waitUntil('pg1 has its certificate again', async () => (await ask(isEncrypted)) === 't', {
    timeoutMs: 10_000,
  });
});

test('a certificate that ends soon is accepted until then', async () => {
  const { heal, detail } = await injectFault(cluster, 'expire-certificate', {
    on: ['pg1'],
    params: { in: '30s' },
  });
  const { endsAt } = detail as { readonly endsAt: string };
  expect(await ask(isEncrypted)).toBe('t');
  expect(Date.now()).toBeLessThan(Date.parse(endsAt));
  const isRefused = async () => (await ask(isEncrypted)).includes('certificate verify failed');
  await waitUntil('the certificate has expired', isRefused, { timeoutMs: 60_000, everyMs: 500 });
  expect(Date.now()).toBeGreaterThan(Date.parse(endsAt));
  await heal();
});

test('a name that is gone is gone for those who are asked for alone, and no session ends', async () => {
  const { heal, lapse } = await injectFault(cluster, 'dns-gone', { on: ['pg1'] });
  expect(await ask('SELECT 1')).toContain('could not translate host name "pg1.forkpoint.test"');
  await untilShape(cluster, whole);
  expect(await lapse()).toBeUndefined();
  await heal();
  expect(await ask('SELECT 1')).toBe('1');
  const clients = await injectFault(cluster, 'dns-gone', {
    on: ['pg1'],
    params: { from: 'clients' },
  });
  expect(await ask('SELECT 1')).toBe('1');
  await clients.heal();
});

test('a name that leads to another node meets a server that cannot prove to be the one', async () => {
  const { heal } = await injectFault(cluster, 'dns-wrong', { on: ['pg1'], params: { to: 'pg3' } });
  expect(await ask('SELECT 1')).toContain('does not match host name "pg1.forkpoint.test"');
  expect(await ask('SELECT inet_server_addr()', 'sslmode=require')).toBe('10.77.0.13');
  await heal();
  expect(await ask('SELECT inet_server_addr()')).toBe('10.77.0.11');
});

test('a slow name costs each new session its delay', async () => {
  const { heal } = await injectFault(cluster, 'dns-slow', {
    on: ['pg1'],
    params: { delay: '2s' },
  });
  const beganMs = monotonicMs();
  expect(await ask('SELECT 1')).toBe('1');
  expect(monotonicMs() - beganMs).toBeGreaterThanOrEqual(2_000);
  await heal();
});
