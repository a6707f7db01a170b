import { beforeAll, describe, expect, test } from 'vitest';
import { connectorOf } from '../../../src/routes/connector-of.ts';
import type { WorkerRoute } from '../../../src/routes/worker-route.ts';
import { listen } from '../../helpers/listen.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';

const owned = ownedBySuite();
let writable: PostgresServer;
let readOnly: PostgresServer;
beforeAll(async () => {
  const fsync = { fsync: 'off' };
  writable = owned.use(await startPostgres({ parameters: fsync }));
  readOnly = owned.use(
    await startPostgres({ parameters: { ...fsync, default_transaction_read_only: 'on' } }),
  );
});

const route = (over: Partial<WorkerRoute>): WorkerRoute => ({
  name: 'app',
  via: 'multi-host',
  pool: { on25006: 'reconnect' },
  firstWriter: 0,
  writers: 1,
  ...over,
});

function connector(over: Partial<WorkerRoute>, members = [readOnly, writable]) {
  return connectorOf(route(over), {
    members: members.map(({ tcpEndpoint }, index) => ({
      name: `pg${index + 1}`,
      endpoint: tcpEndpoint,
    })),
    identities: Object.fromEntries(
      members.map(({ tcpEndpoint: { host, port } }, index) => [
        `${host}:${port}`,
        `pg${index + 1}`,
      ]),
    ),
    credentials: writable.credentials,
    applicationName: 'test',
    deadlineMs: 2_000,
    signal: AbortSignal.timeout(20_000),
  });
}

async function memberOf(over: Partial<WorkerRoute>): Promise<number | undefined> {
  const { session, member } = await connector(over).connect();
  session.destroy();
  return member;
}

describe('a list of hosts', () => {
  test('is walked from the first to one with the wanted role', async () => {
    expect(await memberOf({ targetSession: 'read-write' })).toBe(1);
    expect(await memberOf({ targetSession: 'any' })).toBe(0);
    expect(await memberOf({ targetSession: 'primary' })).toBe(0);
    expect(await memberOf({ targetSession: 'any', hosts: [1, 0] })).toBe(1);
  });

  test('waits connect_timeout for a silent host before the next', async () => {
    await using mute = await listen();
    const walking = connectorOf(route({ connectTimeoutMs: 500 }), {
      members: [
        { name: 'mute', endpoint: mute.endpoint },
        { name: 'writable', endpoint: writable.tcpEndpoint },
      ],
      identities: {},
      credentials: writable.credentials,
      applicationName: 'test',
      deadlineMs: 2_000,
      signal: AbortSignal.timeout(20_000),
    });
    const startedMs = performance.now();
    const { session, member } = await walking.connect();
    session.destroy();
    expect(member).toBe(1);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(450);
  });
});

describe('one address', () => {
  test('gives a connection to whatever server stands there, and names its node', async () => {
    const entry = readOnly.tcpEndpoint;
    expect(await memberOf({ via: 'address', entry })).toBe(0);
    expect(await memberOf({ via: 'haproxy', entry: writable.tcpEndpoint })).toBe(1);
  });

  test('of a pooler of sessions gets its settings after the login', async () => {
    const entry = writable.tcpEndpoint;
    const { session } = await connector({ via: 'pgbouncer', pooling: 'session', entry }).connect();
    await using open = session;
    const [row] = await open.rows<{ level: string; digits: string }>(
      `SELECT current_setting('client_min_messages') AS level, current_setting('extra_float_digits') AS digits`,
    );
    expect(row).toEqual({ level: 'warning', digits: '3' });
  });

  test('that is pinned to a node leads to where the node is now, and its writes are known to be its own', async () => {
    const endpoint = { ...readOnly.tcpEndpoint };
    const pinned = connectorOf(route({ via: 'address', pinned: 0 }), {
      members: [{ name: 'pod-0', endpoint }],
      // As the pod before it had it.
      identities: { '10.0.0.7:5432': 'pod-0' },
      credentials: writable.credentials,
      applicationName: 'test',
      deadlineMs: 2_000,
      signal: AbortSignal.timeout(20_000),
    });
    const readOnlyAt = async () => {
      const { session, member } = await pinned.connect();
      await using open = session;
      const [row] = await open.rows<{ is: string }>(
        `SELECT current_setting('default_transaction_read_only') AS is`,
      );
      return [row?.is, member];
    };
    expect(await readOnlyAt()).toEqual(['on', 0]);
    Object.assign(endpoint, writable.tcpEndpoint);
    expect(await readOnlyAt()).toEqual(['off', 0]);
  });

  test('that answers nothing is said with its last answer', async () => {
    const over = new AbortController();
    const refused = connectorOf(route({ via: 'address', entry: { host: '127.0.0.1', port: 1 } }), {
      members: [],
      identities: {},
      credentials: writable.credentials,
      applicationName: 'test',
      deadlineMs: 1_000,
      signal: over.signal,
    });
    const connecting = refused.connect().catch((error: unknown) => error);
    setTimeout(() => over.abort(new Error('over')), 300);
    await connecting;
    expect(refused.describe()).toBe(
      'route app, 127.0.0.1:1: 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
    );
  });
});
