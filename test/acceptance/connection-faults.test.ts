import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { injectFault, nodeOf } from '../helpers/inject.ts';
import { bootLab, temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

// Faults that act on connections as they are, and on packets by size: seen from psql at the clients' site.

const reports = temporaryReports();
let cluster: Cluster;

const owned = ownedBySuite();
owned.use(reports);
beforeAll(async () => {
  cluster = owned.use(await bootLab(reports.folder, { nodes: 1 }));
});

const on = ['pg1'];
/** Longer than the sleep, and than a busy machine takes to inject. */
const giveUpSeconds = 30;
/** Of timeout(1). */
const gaveUp = 124;

/** psql at the clients' site: exit code and both streams. */
async function psql(...statements: readonly string[]) {
  const { host, port } = nodeOf(cluster, 'pg1').endpoint;
  const site = cluster.sites.find(({ name }) => name === 'clients');
  const { exitCode, stdout, stderr } = await site!.shell.run([
    ...['timeout', String(giveUpSeconds), 'psql', '-XAtq', '-h', host, '-p', String(port)],
    ...['-U', 'postgres', '-d', 'postgres', ...statements.flatMap((text) => ['-c', text])],
  ]);
  return { exitCode, said: `${stdout}${stderr}`.trim() };
}

const sleeping = `SELECT count(*)::int AS n FROM pg_stat_activity 
  WHERE query = 'SELECT pg_sleep(15)' AND state = 'active'`;

/** So many clients whose statement is in progress; each promise ends with its psql. */
async function clients(count: number) {
  const all = Array.from({ length: count }, () => psql('SELECT pg_sleep(15)', 'SELECT 42'));
  const isSleeping = async () => {
    const [row] = await nodeOf(cluster, 'pg1').sql!.query(sleeping);
    return row?.n === count;
  };
  await waitUntil('the clients sleep', isSleeping, { timeoutMs: 20_000 });
  // In an array: an async function would wait for a promise that it returns.
  return all;
}

const isReset = /server closed the connection|reset by peer|could not receive data/i;

describe('reset-connections', () => {
  test('resets the connection that is there, and lets a new one in', async () => {
    const [client] = await clients(1);
    const fault = await injectFault(cluster, 'reset-connections', {
      on,
      params: { from: 'clients' },
    });
    expect(await psql('SELECT 1')).toEqual({ exitCode: 0, said: '1' });
    expect(fault.detail).toMatchObject({
      reset: { pg1: [expect.stringMatching(/^:5432 10\.77\.\d+\.\d+:\d+$/)] },
    });
    expect((await client!).said).toMatch(isReset);
  });

  test('of two connections resets as many as asked for', async () => {
    const all = await clients(2);
    const params = { from: 'clients', service: 'postgres', count: 1 };
    const fault = await injectFault(cluster, 'reset-connections', { on, params });
    const ends = await Promise.all(all);
    await fault.heal();
    expect(ends.filter(({ said }) => isReset.test(said))).toHaveLength(1);
    expect(ends.filter(({ said }) => said === '42')).toHaveLength(1);
  });

  test('without as many connections the injection has failed', async () => {
    const params = { from: 'clients', count: 3 };
    await expect(injectFault(cluster, 'reset-connections', { on, params })).rejects.toThrow(
      'pg1: no connection with "clients" of service all there',
    );
  });
});

describe('half-open-connections', () => {
  test.each(['out', 'in', 'both'])(
    'direction %s: the client hears nothing more, without an error, and a new one gets in',
    async (direction) => {
      const [client] = await clients(1);
      const params = { from: 'clients', direction };
      const fault = await injectFault(cluster, 'half-open-connections', { on, params });
      expect(await psql('SELECT 1')).toEqual({ exitCode: 0, said: '1' });
      // Of direction in the first answer arrives; the next statement does not.
      expect(await client!).toEqual({ exitCode: gaveUp, said: '' });
      expect(await fault.lapse()).toBeUndefined();
      await fault.heal();
      await fault.heal();
      expect(await fault.lapse()).toBe('its packet rules on pg1 were removed from outside the run');
    },
  );
});

describe('drop-large-packets', () => {
  test('keeps large answers and large statements from arriving, and lets small ones pass', async () => {
    const params = { from: 'clients', above: '600B' };
    const fault = await injectFault(cluster, 'drop-large-packets', { on, params });
    const large = `SELECT length('${'x'.repeat(2000)}')`;
    const answers = await Promise.all([
      psql('SELECT 1'),
      psql(`SELECT repeat('x', 2000)`),
      psql(large),
      psql(`SELECT repeat('x', 300)`),
    ]);
    expect(answers.map(({ exitCode }) => exitCode)).toEqual([0, gaveUp, gaveUp, 0]);
    await fault.heal();
    expect(await psql(large)).toEqual({ exitCode: 0, said: '2000' });
  });
});
