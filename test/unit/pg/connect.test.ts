import { beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/pg/connect.ts';
import { SqlError } from '../../../src/pg/session.ts';
import { Router } from '../../../src/pg/router.ts';
import { waitUntil } from '../../../src/std/wait.ts';
import { listen } from '../../helpers/listen.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { slowProxy } from '../../helpers/slow-proxy.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';

let server: PostgresServer;
const owned = ownedBySuite();
beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
});

const options = { connectTimeoutMs: 2_000 };
const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a session', () => {
  it('logs in by password over TCP and without one over the unix socket', async () => {
    await using tcp = await connect(server.tcpEndpoint, server.credentials, options);
    await using socket = await connect(
      server.endpoint,
      { user: 'postgres', database: 'postgres' },
      options,
    );
    const ask = 'select inet_client_addr() is null as local';
    expect([await tcp.rows(ask), await socket.rows(ask)]).toEqual([
      [{ local: false }],
      [{ local: true }],
    ]);
  });

  it('sends one statement at a time, also for concurrent calls, without a warning of the driver', async () => {
    const warnings: string[] = [];
    const note = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', note);
    try {
      await using session = await connect(server.endpoint, server.credentials, options);
      const texts = [
        'select pg_sleep(0.05), 1 as n',
        'select 1/0',
        'select 3 as n',
        'select 4 as n',
      ];
      const answers = await Promise.allSettled(
        texts.map((text) => session.rows<{ n: number }>(text)),
      );
      expect(
        answers.map((each) => (each.status === 'fulfilled' ? each.value[0]?.n : 'failed')),
      ).toEqual([1, 'failed', 3, 4]);
      // Warnings are emitted on the next tick.
      await new Promise(setImmediate);
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', note);
    }
  });

  it('reports where it failed and why, never the password', async () => {
    const credentials = { ...server.credentials, password: 'wrong-secret' };
    const failure = await failureOf(connect(server.tcpEndpoint, credentials, options));
    const { message, sqlState, wasConnected } = failure as SqlError;
    expect({ message, sqlState, wasConnected }).toEqual({
      message: `127.0.0.1:${server.tcpEndpoint.port}: password authentication failed for user "postgres"`,
      sqlState: '28P01',
      wasConnected: false,
    });
    expect(JSON.stringify(failure)).not.toContain('wrong-secret');
  });

  it('takes no password and no settings from the environment', async () => {
    process.env.PGPASSWORD = server.credentials.password;
    process.env.PGOPTIONS = '-c synchronous_commit=off';
    try {
      const bare = { user: 'postgres', database: 'postgres' };
      const failure = await failureOf(connect(server.tcpEndpoint, bare, options));
      expect(failure).toBeInstanceOf(SqlError);
      await using session = await connect(server.endpoint, bare, options);
      expect(await session.rows('show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    } finally {
      delete process.env.PGPASSWORD;
      delete process.env.PGOPTIONS;
    }
  });

  it('gives up on a server that accepts and never answers', async () => {
    await using mute = await listen();
    const startedAt = performance.now();
    const failure = await failureOf(
      connect(mute.endpoint, server.credentials, {
        connectTimeoutMs: 200,
      }),
    );
    expect(failure).toMatchObject({ name: 'SqlError', sqlState: '', wasConnected: false });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('gives up at once when it is aborted', async () => {
    await using mute = await listen();
    const reason = new Error('enough');
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), 50);
    const failure = await failureOf(
      connect(mute.endpoint, server.credentials, {
        connectTimeoutMs: 10_000,
        signal: abort.signal,
      }),
    );
    expect(failure).toBe(reason);
  });

  it('drops the connection of a statement that takes longer than its limit', async () => {
    await using session = await connect(server.endpoint, server.credentials, options);
    const failure = await failureOf(session.rows('select pg_sleep(5)', [], { timeoutMs: 50 }));
    expect(failure).toMatchObject({ sqlState: '', wasConnected: true });
    expect((failure as Error).message).toMatch(/no answer in 50 ms$/);
    expect(session.isOpen).toBe(false);
  });

  it('that breaks while idle crashes nothing and counts as closed', async () => {
    await using session = await connect(server.endpoint, server.credentials, options);
    await using admin = await connect(server.endpoint, server.credentials, options);
    const [own] = await session.rows<{ pid: number }>('select pg_backend_pid() as pid');
    await admin.rows('select pg_terminate_backend($1)', [own!.pid]);
    await waitUntil('the session is closed', () => !session.isOpen, { timeoutMs: 2_000 });
    expect(await failureOf(session.rows('select 1'))).toBeInstanceOf(SqlError);
  });

  it('rejects the statement in flight when it is destroyed', async () => {
    await using session = await connect(server.endpoint, server.credentials, options);
    const sleeping = failureOf(session.rows('select pg_sleep(5)'));
    session.destroy();
    expect(await sleeping).toMatchObject({ name: 'SqlError', sqlState: '', wasConnected: true });
  });
});

describe('the router', () => {
  it('finds the only writable node behind a refused port, a silent server and a read-only one', async () => {
    await using mute = await listen();
    await using readOnly = await startPostgres({
      parameters: { fsync: 'off', default_transaction_read_only: 'on' },
    });
    const router = new Router({
      members: [
        { name: 'refused', endpoint: { host: '127.0.0.1', port: 1 } },
        { name: 'mute', endpoint: mute.endpoint },
        { name: 'readonly', endpoint: readOnly.endpoint },
        { name: 'writable', endpoint: server.endpoint },
      ],
      credentials: server.credentials,
      applicationName: 'test',
      deadlineMs: 750,
      signal: AbortSignal.timeout(10_000),
    });
    const found = await Promise.all(Array.from({ length: 5 }, () => router.connect()));
    expect(found.map(({ member }) => member)).toEqual([3, 3, 3, 3, 3]);
    for (const { session } of found) session.destroy();
  });

  it('is not delayed by a silent node when another becomes writable', async () => {
    await using mute = await listen();
    await using late = await startPostgres({ parameters: { fsync: 'off' } });
    await late.stop();
    const router = new Router({
      members: [
        { name: 'mute', endpoint: mute.endpoint },
        { name: 'late', endpoint: late.endpoint },
      ],
      credentials: late.credentials,
      applicationName: 'test',
      deadlineMs: 750,
      signal: AbortSignal.timeout(10_000),
    });
    const connecting = router.connect();
    await late.start();
    const upAt = performance.now();
    const { session, member } = await connecting;
    session.destroy();
    expect(member).toBe(1);
    expect(performance.now() - upAt).toBeLessThan(400);
  });

  it('ends its search when aborted, and reports the last answer of every node', async () => {
    const over = new AbortController();
    const router = new Router({
      members: [{ name: 'refused', endpoint: { host: '127.0.0.1', port: 1 } }],
      credentials: server.credentials,
      applicationName: 'test',
      deadlineMs: 750,
      signal: over.signal,
    });
    const reason = new Error('over');
    setTimeout(() => over.abort(reason), 200);
    expect(await failureOf(router.connect())).toBe(reason);
    expect(router.describe()).toBe('refused: 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('reaches a server whose every answer takes longer than a quarter of a second', async () => {
    await using far = await slowProxy(server.tcpEndpoint, 400);
    const router = new Router({
      members: [{ name: 'far', endpoint: far.endpoint }],
      credentials: server.credentials,
      applicationName: 'test',
      deadlineMs: 5_000,
      signal: AbortSignal.timeout(15_000),
    });
    const { session } = await router.connect();
    session.destroy();
  });

  it('moves from a silent node to one that takes writes', async () => {
    await using first = await startPostgres({ parameters: { fsync: 'off' } });
    await using second = await startPostgres({ parameters: { fsync: 'off' } });
    await second.stop();
    const router = new Router({
      members: [
        { name: 'first', endpoint: first.endpoint },
        { name: 'second', endpoint: second.endpoint },
      ],
      credentials: first.credentials,
      applicationName: 'test',
      deadlineMs: 20_000,
      signal: AbortSignal.timeout(30_000),
    });
    (await router.connect()).session.destroy();
    await first.signal('SIGSTOP');
    await second.start();
    const upAt = performance.now();
    const { session, member } = await router.connect();
    session.destroy();
    await first.signal('SIGCONT');
    expect(member).toBe(1);
    expect(performance.now() - upAt).toBeLessThan(5_000);
  });
});
