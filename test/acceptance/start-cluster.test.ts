import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster, type StartedCluster } from '../../src/index.ts';

/** As a program of somebody's own would connect. */
async function ask(uri: string, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: uri, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

describe('a cluster for the tests of a program', () => {
  const resources = new AsyncDisposableStack();
  let cluster: StartedCluster;

  beforeAll(async () => {
    const patroni = { ttl: 20, loop_wait: 1, retry_timeout: 9 };
    cluster = resources.use(await startCluster({ nodes: 2, backend: 'local', patroni }));
  });
  afterAll(() => resources.disposeAsync());

  test('has a primary that takes writes and a replica that gets them', async () => {
    const primary = await cluster.primaryUri();
    await ask(primary, 'CREATE TABLE orders AS SELECT 42 AS id');
    await cluster.converged();
    const [replica = ''] = await cluster.replicaUris();
    expect(await ask(replica, 'SELECT id FROM orders')).toBe(42);
    expect(await ask(replica, 'SELECT pg_is_in_recovery()')).toBe(true);
  });

  test('fails over when its leader is killed, keeps what was replicated, and is whole after the heal', async () => {
    const old = (await cluster.leader()) ?? '';
    const fault = await cluster.inject('kill-node', { target: 'leader' });
    expect(fault.targets).toEqual([old]);
    const next = await cluster.leaderOtherThan(old);
    expect(await ask(cluster.uri(next), 'SELECT id FROM orders')).toBe(42);
    await fault.heal();
    await cluster.converged();
    expect(await cluster.replicaUris()).toEqual([cluster.uri(old)]);
  });

  test('refuses what a scenario would refuse, before anything is done', async () => {
    await expect(cluster.inject('partitoin', { target: 'leader' })).rejects.toThrow(
      "did you mean 'partition'?",
    );
    await expect(cluster.inject('kill-node', { target: 'pg7' })).rejects.toThrow(
      "there is no node 'pg7'",
    );
    expect(() => cluster.uri('pg7')).toThrow('nodes: pg1, pg2');
  });
});

test('a cluster that is stopped answers no more', async () => {
  const cluster = await startCluster({ nodes: 1, backend: 'local' });
  const uri = await cluster.primaryUri();
  expect(await ask(uri, 'SELECT 1')).toBe(1);
  await cluster.stop();
  await expect(ask(uri, 'SELECT 1')).rejects.toThrow();
});
