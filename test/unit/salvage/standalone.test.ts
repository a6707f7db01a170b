import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../../../src/pg/connect.ts';
import { hostServer } from '../../../src/salvage/host-server.ts';
import { startStandalone } from '../../../src/salvage/standalone.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres } from '../../helpers/postgres.ts';

const owned = ownedBySuite();

test('a data directory of a server that crashed is read by a server of this host, which changes nothing in it', async () => {
  const server = owned.use(await startPostgres());
  const session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  await session.rows('CREATE TABLE item AS SELECT 7 AS id');
  await session[Symbol.asyncDispose]();
  await server.stop('SIGKILL');
  const { dataDirectory: data } = server;
  const control = () => readFile(path.join(data, 'global/pg_control'));
  const before = await control();
  const version = (await readFile(path.join(data, 'PG_VERSION'), 'utf8')).trim();
  // As images and shells have it: of another server.
  vi.stubEnv('PGDATA', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());

  await using copy = await startStandalone(data, hostServer(version));
  await using reader = await copy.session('postgres');
  expect(await reader.rows('SELECT id FROM item')).toEqual([{ id: 7 }]);
  await expect(reader.rows('CREATE TABLE other (id int)')).rejects.toThrow('read-only');
  expect(await control()).toEqual(before);
});
