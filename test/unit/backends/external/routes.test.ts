import { beforeAll, describe, expect, test } from 'vitest';
import external from '../../../../src/backends/external.ts';
import { accessesOf } from '../../../../src/backends/external/access.ts';
import { describeCluster } from '../../../../src/backends/external/describe.ts';
import { externalParams } from '../../../../src/backends/external/params.ts';
import { routeEntries } from '../../../../src/backends/external/routes.ts';
import type { RouteSpec } from '../../../../src/contracts/route.ts';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../../helpers/postgres.ts';

const app: RouteSpec = { name: 'app', via: 'haproxy', clients: 4, pool: { on25006: 'reconnect' } };

function clusterWith(routes: object) {
  const nodes = { db1: { host: 'db1' } };
  const described = describeCluster({ credentials: { user: 'app' }, nodes, ...routes }, '/');
  return { ...described, own: { backend: 'external', params: described.params } };
}

describe('a route to a cluster that exists', () => {
  test('is named in its file, or refused before anything is connected to', () => {
    const named = clusterWith({ routes: { app: { host: 'pg.internal', port: 5000 } } });
    expect(external.refusesRoute?.(app, named)).toBeUndefined();
    expect(external.refusesRoute?.({ ...app, name: 'ap' }, named)).toContain(
      "the cluster file names no route 'ap'; did you mean 'app'?",
    );
    expect(external.refusesRoute?.(app, clusterWith({}))).toBe(
      "the cluster file names no route 'app'; write routes: { app: { host: ..., port: ... } } in it",
    );
    const own = { ...app, config: { file: 'haproxy.cfg' } };
    expect(external.refusesRoute?.(own, named)).toBe('its haproxy is not ours: leave config out');
  });
});

describe('where a route leads', () => {
  const owned = ownedBySuite();
  let server: PostgresServer;
  beforeAll(async () => {
    server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  });

  async function entriesOf(routes: object) {
    const { host, port } = server.tcpEndpoint;
    process.env.FORKPOINT_TEST_SECRET = server.credentials.password ?? '';
    const params = externalParams.parse({
      credentials: { user: 'postgres', password: { env: 'FORKPOINT_TEST_SECRET' } },
      tls: { mode: 'disable' },
      nodes: { db1: { host, port } },
      routes,
    });
    const accesses = await accessesOf(params);
    return routeEntries([app], { params, accesses, signal: AbortSignal.timeout(30_000) });
  }

  test('is tried with a login', async () => {
    const { host, port } = server.tcpEndpoint;
    const [entry] = await entriesOf({ app: { host, port } });
    expect(entry).toMatchObject({
      route: 'app',
      endpoint: { host, port },
      what: `haproxy at ${host}:${port}, not started by Forkpoint`,
    });
  });

  test('that cannot be resolved or reached is refused with what came back', async () => {
    await expect(entriesOf({ app: { host: 'nowhere.invalid' } })).rejects.toThrow(
      /^route app: nowhere\.invalid:5432: getaddrinfo \w+ nowhere\.invalid\. Correct its host and port/,
    );
    await expect(entriesOf({ app: { host: '127.0.0.1', port: 1 } })).rejects.toThrow(
      /^route app: 127\.0\.0\.1:1: connect ECONNREFUSED/,
    );
  });
});
