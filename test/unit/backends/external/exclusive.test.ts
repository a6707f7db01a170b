import { expect, onTestFinished, test } from 'vitest';
import { holdCluster } from '../../../../src/backends/external/exclusive.ts';
import { connect } from '../../../../src/pg/connect.ts';
import { EnvironmentError } from '../../../../src/std/errors.ts';
import { startPostgres } from '../../../helpers/postgres.ts';

test('a server that went down after it was examined is no bug of ours: it is named, and a run can begin later', async () => {
  const gone = {
    name: 'db1',
    endpoint: { host: '127.0.0.1', port: 1 },
    credentials: { user: 'app', database: 'app' },
    params: { host: '127.0.0.1', port: 1, addresses: [] },
  };
  const holding = holdCluster([gone], 'run', new AbortController().signal);
  const error = await holding.then(() => undefined).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(EnvironmentError);
  expect((error as Error).message).toMatch(
    /^db1: cannot be claimed for this run: .*ECONNREFUSED.*; begin again when it takes connections$/,
  );
});

test('a claim whose connection was lost in a cut is given back at the end, so that the next run can begin', async () => {
  const server = await startPostgres({ parameters: { fsync: 'off' } });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const { endpoint, credentials } = server;
  const access = {
    name: 'db1',
    endpoint,
    credentials,
    params: { host: endpoint.host, port: endpoint.port, addresses: [] },
  };
  const { signal } = new AbortController();
  const held = await holdCluster([access], 'first', signal);
  await using observer = await connect(endpoint, credentials, { connectTimeoutMs: 5_000 });
  // As a cut leaves it: our end is gone, and the server has a session of the run with the claim.
  await observer.rows(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'forkpoint lock first'",
  );
  const left = await connect(endpoint, credentials, {
    connectTimeoutMs: 5_000,
    applicationName: 'forkpoint lock first',
  });
  onTestFinished(() => left[Symbol.asyncDispose]());
  await left.rows("SELECT pg_advisory_lock('7381240460371568494'::bigint)");
  await expect(holdCluster([access], 'second', signal)).rejects.toThrow(
    "another run works on this cluster (session 'forkpoint lock first')",
  );
  await held[Symbol.asyncDispose]();
  const second = await holdCluster([access], 'second', signal);
  await second[Symbol.asyncDispose]();
}, 60_000);
