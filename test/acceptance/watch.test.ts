import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../../src/contracts/result.ts';
import { connect } from '../../src/pg/connect.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { latestResult, runCli, startCli, type CliResult } from '../helpers/cli.ts';
import { untilWriting } from '../helpers/load-seconds.ts';
import { startAuthority } from '../helpers/certificates.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownerOfPostgres, type PostgresServer, startPostgres } from '../helpers/postgres.ts';

const resources = new AsyncDisposableStack();
let server: PostgresServer;
let reports: string;
let env: Readonly<Record<string, string>>;

/** A plain server with TLS that is verified, known from the environment alone. */
beforeAll(async () => {
  reports = resources.use(temporaryReports()).folder;
  const authority = resources.use(await startAuthority());
  const owner = await ownerOfPostgres();
  const certificate = await authority.issue('server', {
    names: ['127.0.0.1'],
    ...(owner && { owner }),
  });
  const parameters = {
    max_connections: '30',
    ssl: 'on',
    ssl_cert_file: certificate.certificateFile,
    ssl_key_file: certificate.keyFile,
  };
  server = resources.use(await startPostgres({ parameters }));
  const { user, password = '', database } = server.credentials;
  env = {
    PGHOST: '127.0.0.1',
    PGPORT: String(server.tcpEndpoint.port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: authority.rootFile,
  };
});

afterAll(() => resources.disposeAsync());

describe('a drill that somebody does by hand', () => {
  let ended: CliResult;
  let marked: CliResult;
  let result: Result;

  beforeAll(async () => {
    const watching = startCli(['watch', '--clients', '2'], { reports, env });
    await watching.untilStderr('Ctrl-C ends the load');
    marked = await runCli(['mark', 'restart', 'the server'], { reports });
    await server.stop();
    // A shorter pause is no outage.
    await sleep(1_000);
    await server.start();
    const events = path.join(reports, 'watch', 'latest', 'events.jsonl');
    const hasSeen = () => readFileSync(events, 'utf8').includes('"what":"started"');
    await waitUntil('the watch has seen the server again', hasSeen, { timeoutMs: 60_000 });
    await runCli(['mark', '--run', 'other', 'nothing'], { reports });
    watching.interrupt();
    ended = await watching.done;
    result = latestResult(reports, 'watch');
  });

  test('ends on Ctrl-C with the full report, and a restart by hand is no failure', () => {
    expect([ended.exitCode, ended.stdout]).toEqual([0, expect.stringContaining('Records Lost: 0')]);
    expect(ended.stderr).toContain('SIGINT: ending the load');
    expect(result.problems).toEqual([]);
    expect(result.unplanned).toEqual([expect.objectContaining({ what: 'restarted' })]);
  });

  test('names the mark before the outage, and a mark that reaches no run is refused', () => {
    expect(marked.stdout).toMatch(/^marked 'restart the server' in watch\/\d{8}T\d{6}Z\n$/);
    expect(result.marks?.map(({ text }) => text)).toEqual(['restart the server']);
    expect(ended.stdout).toMatch(
      /Longest time without an acknowledged write: .* after your mark 'restart the server'/,
    );
  });
});

test('a load ends when others need the connections, and is judged up to then', async () => {
  const args = ['load', '--clients', '2', '--rate', '50/s', '--duration', '100s'];
  const loading = startCli(args, { reports, env });
  await loading.untilStderr(' leads, ');
  await untilWriting(reports, 'load');
  await using others = new AsyncDisposableStack();
  const taken = async () =>
    others.use(await connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 }));
  for (let opened = 0; opened < 18; opened++) await taken();
  const { exitCode, stdout } = await loading.done;
  expect([exitCode, stdout]).toEqual([2, expect.stringContaining('Records Lost: 0')]);
  const { problems, phases, writes } = latestResult(reports, 'load');
  expect(problems).toEqual([
    expect.stringMatching(
      /^too few connections were free on 127\.0\.0\.1: [0-4] \(max_connections 30, 3 reserved, \d+ taken\); 5 must stay free/,
    ),
  ]);
  expect(writes.acknowledged).toBeGreaterThan(0);
  expect(phases.loadMs).toBeLessThan(60_000);
});

test('a watch that is killed leaves a journal, and verify judges it', async () => {
  const watching = startCli(['watch', '--clients', '2'], { reports, env });
  await watching.untilStderr('Ctrl-C ends the load');
  await runCli(['mark', 'pull the plug'], { reports });
  watching.kill();
  await watching.done;
  const { PGHOST, PGPORT, PGUSER, PGDATABASE } = env;
  const dsn = `${PGHOST}=host=${PGHOST} port=${PGPORT} user=${PGUSER} dbname=${PGDATABASE}`;
  const verified = await runCli(['verify', 'watch', '--dsn', dsn], { reports, env });
  expect(verified.stdout).toContain('Records Lost: at least 0');
  expect(verified.stdout).toContain("Your marks: 'pull the plug'");
  expect(verified.stdout).toContain('the harness did not live to the end of the load');
});

test('a mark when nothing runs says so', async () => {
  const { exitCode, stderr } = await runCli(['mark', 'switch the VIP'], { reports });
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining('nothing to mark')]);
});
