import { expect, test } from 'vitest';
import { holdCluster } from '../../../../src/backends/external/exclusive.ts';
import { EnvironmentError } from '../../../../src/std/errors.ts';

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
