import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { strayControl } from '../../../src/machine/stray-server.ts';
import { connect } from '../../../src/pg/connect.ts';
import { localShell } from '../../../src/shells/local.ts';
import { startPostgres } from '../../helpers/postgres.ts';

test('a server is started by hand with the settings of its files, found by its mark, and shut down', async () => {
  await using server = await startPostgres();
  const { dataDirectory, endpoint, credentials } = server;
  const folder = path.dirname(dataDirectory);
  await appendFile(
    path.join(dataDirectory, 'postgresql.conf'),
    `\nport = ${endpoint.port}\nunix_socket_directories = '${folder}'\nlisten_addresses = ''\n`,
  );
  const log = path.join(folder, 'stray.log');
  const stray = strayControl({ name: 'pg1', shell: localShell, dataFolder: dataDirectory, log });
  await expect(stray.start('hand#1')).rejects.toThrow(
    /^pg1: start of PostgreSQL past Patroni: exit code 1: PostgreSQL runs there already, as process \d+/,
  );
  await server.stop();
  expect(await stray.isRunning()).toBe(false);
  await stray.stop('hand#1');
  await stray.start('hand#1');
  try {
    await using session = await connect(endpoint, credentials, {
      connectTimeoutMs: 5_000,
      queryTimeoutMs: 5_000,
      applicationName: 'test',
    });
    expect(await session.rows("SELECT current_setting('forkpoint.stray') AS mark")).toEqual([
      { mark: 'hand-1' },
    ]);
    expect(await stray.isRunning('hand#1')).toBe(true);
    expect(await stray.isRunning('hand#11')).toBe(false);
    expect(await stray.isRunning()).toBe(true);
  } finally {
    await stray.stop('hand#1');
  }
  expect(await stray.isRunning()).toBe(false);
  await server.start();
});

test('a start that fails says why, by the end of the log', async () => {
  await using server = await startPostgres();
  await server.stop();
  const { dataDirectory } = server;
  await appendFile(path.join(dataDirectory, 'postgresql.conf'), "\nwork_mem = 'plenty'\n");
  const log = path.join(path.dirname(dataDirectory), 'stray.log');
  const stray = strayControl({ name: 'pg1', shell: localShell, dataFolder: dataDirectory, log });
  await expect(stray.start('hand#1')).rejects.toThrow('invalid value for parameter "work_mem"');
});
