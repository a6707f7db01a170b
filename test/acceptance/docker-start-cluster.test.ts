import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { startCluster } from '../../src/index.ts';
import { hasDocker, inEngine } from '../helpers/docker.ts';

/** An application: one connection, which it opens again where it is told to. */
class Shop implements AsyncDisposable {
  #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(connectionString: string): Promise<Shop> {
    return new Shop(await connected(connectionString));
  }

  async reconnect(connectionString: string): Promise<void> {
    // The server behind a partition would never answer a goodbye.
    void this.#client.end().catch(() => undefined);
    this.#client = await connected(connectionString);
  }

  async order(id: number): Promise<void> {
    await this.#client.query('CREATE TABLE IF NOT EXISTS orders (id int PRIMARY KEY)');
    await this.#client.query('INSERT INTO orders VALUES ($1)', [id]);
  }

  async orders(): Promise<readonly number[]> {
    const { rows } = await this.#client.query<{ id: number }>('SELECT id FROM orders ORDER BY id');
    return rows.map(({ id }) => id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
  }
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

describe.skipIf(!hasDocker)('a cluster of containers for the tests of a program', () => {
  const title =
    'the shop keeps every order when its synchronous leader is cut off, and takes more after the failover';
  test(title, { timeout: 180_000 }, async () => {
    {
      await using cluster = await startCluster({
        nodes: 3,
        backend: 'docker',
        synchronous: 'on',
        patroni: { ttl: 20, loop_wait: 1, retry_timeout: 9 },
      });
      await using shop = await Shop.open(await cluster.primaryUri());
      await shop.order(1);
      const old = (await cluster.leader()) ?? '';
      const cut = await cluster.inject('partition', { target: 'leader', from: 'all' });
      expect(cut.targets).toEqual([old]);
      // It reaches the cut leader still, being on the engine's own host; but no standby confirms what it writes there.
      await expect(shop.order(9)).rejects.toThrow();

      const next = await cluster.leaderOtherThan(old);
      await shop.reconnect(cluster.uri(next));
      expect(await shop.orders()).toEqual([1]);
      await shop.order(2);

      await cluster.heal();
      await cluster.converged();
      expect(await cluster.primaryUri()).toBe(cluster.uri(next));
      const replicas = await cluster.replicaUris();
      expect(replicas).toContain(cluster.uri(old));
      await using replica = await Shop.open(cluster.uri(old));
      expect(await replica.orders()).toEqual([1, 2]);
      const everyNode = String.raw`[\d.]+:\d+,[\d.]+:\d+,[\d.]+:\d+`;
      expect(cluster.anyUri()).toMatch(new RegExp(`^postgresql://[^@]+@${everyNode}/postgres$`));
    }
    expect(await inEngine()).toEqual([]);
  });
});
