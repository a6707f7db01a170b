import { expect, test } from 'vitest';
import { connect } from '../../src/pg/connect.ts';
import { runCli } from '../helpers/cli.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { startPostgres } from '../helpers/postgres.ts';

test('the doctor of a cluster reads, writes nothing, and never prints a password', async () => {
  using reports = temporaryReports();
  await using server = await startPostgres({ parameters: { full_page_writes: 'off' } });
  const { host, port } = server.tcpEndpoint;
  const { user, password = '', database } = server.credentials;
  const dsn = (secret: string) => `pg1=postgres://${user}:${secret}@${host}:${port}/${database}`;
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  // A transaction that writes takes a transaction id; one that only reads does not.
  const written = async () => session.rows('SELECT pg_snapshot_xmax(pg_current_snapshot())');
  const before = await written();
  const asked = await runCli(['doctor', '--dsn', dsn(password)], { reports: reports.folder });
  expect(await written()).toEqual(before);
  expect([asked.exitCode, asked.stderr]).toEqual([0, '']);
  const lines = asked.stdout.split('\n').map((line) => line.trim().replaceAll(/\s+/g, ' '));
  expect(lines).toEqual(
    expect.arrayContaining([
      'A failover or a crash may lose: whatever the promoted replica has not received: who limits that is not known',
      'RISK full_page_writes off',
      '? Patroni unknown',
    ]),
  );
  expect(asked.stdout).not.toContain(password);

  const refused = await runCli(['doctor', '--dsn', dsn('guessed-wrong')], {
    reports: reports.folder,
  });
  expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toMatch(/^no server answered:\npg1: .*password authentication/);
  expect(refused.stderr).not.toContain('guessed-wrong');
});

test.each([
  [['--dsn', 'nonsense:secret@'], /^--dsn: not a connection string/],
  [
    ['--dsn', 'postgres://a:secret@h/b?sslmode=verify-full&sslrootcert=/nowhere'],
    /^--dsn: sslrootcert: ENOENT/,
  ],
  [['--env-file', '/nowhere', '--dsn', 'postgres://a@h/b'], /^--env-file: ENOENT/],
  [['--patroni', 'http://h:8008'], /^doctor: --patroni goes with --dsn/],
  [['--dsn', 'postgres://a@h/b', '--patroni', 'https://h:8008'], /^--patroni: not the address/],
])('the doctor refuses %j before it connects to anything', async (args, said) => {
  using reports = temporaryReports();
  const refused = await runCli(['doctor', ...args], { reports: reports.folder });
  expect([refused.exitCode, refused.stdout]).toEqual([3, '']);
  expect(refused.stderr).toMatch(said);
  expect(refused.stderr).not.toContain('secret');
});
