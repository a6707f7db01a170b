import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/std/wait.ts';
import { latestResult, runCli } from '../helpers/cli.ts';
import { hasDocker } from '../helpers/docker.ts';
import { endRuns, eventsOf, runUntilHarmed } from '../helpers/held-lab.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';
import { type SshCluster, type SshNode, startSshCluster } from '../helpers/ssh-cluster.ts';

afterEach(endRuns);

// Every client logs in with TLS and scram again after a cut: few of them, so that a busy machine is not what is measured.
const lightLoad = ['--set', 'load.clients=4', '--set', 'load.rate=100/s'];

describe.skipIf(!hasDocker)('a cluster that Forkpoint reaches by ssh, TLS and https alone', () => {
  const reports = temporaryReports();
  let cluster: SshCluster;
  const owned = ownedBySuite();
  owned.use(reports);
  beforeAll(async () => {
    cluster = owned.use(await startSshCluster());
  }, 240_000);

  const run = (scenario: string, file: string, more: readonly string[] = []) =>
    runCli(['run', scenario, '--quiet', '--cluster', file, ...more], { reports: reports.folder });
  const rulesOf = async (node: SshNode) =>
    (await cluster.inside(node, 'iptables -S; ip6tables -S')).match(/FP-.*/g) ?? [];
  const one = (name: string): SshNode => {
    const node = cluster.nodes.find((each) => each.name === name);
    if (!node) throw new Error(name);
    return node;
  };

  test('refuses before anything is written, with a sentence for each shell and what to do', async () => {
    const ssh: SshCluster['ssh'] = (node, login) => cluster.ssh(node, login);
    const shells: Readonly<Record<string, readonly string[]>> = {
      pg1: ssh(one('pg1'), 'guest'),
      pg2: [...ssh(one('pg2'), 'guest'), 'sudo', '-n'],
      pg3: ssh(one('pg3'), 'stranger'),
    };
    const bad = cluster.write('bad.yaml', { shell: ({ name }) => shells[name] ?? [] });
    const first = await run('partition-5s', bad);
    expect(first.exitCode).toBe(4);
    expect(first.stderr).toMatch(/pg1: its shell runs commands as user \d+, .* sudo, -n/);
    expect(first.stderr).toMatch(/pg2: .*a password is required; sudo asks for a password there/);
    expect(first.stderr).toMatch(/pg3: .*Permission denied.*ssh-copy-id/s);
    const others: Readonly<Record<string, readonly string[]>> = {
      pg1: [...ssh(one('pg1')), 'sudo', '-n'],
      pg2: [...ssh(one('pg1')), 'sudo', '-n'],
      pg3: ssh(one('pg3')).map((word) =>
        word.startsWith('UserKnownHostsFile') ? 'UserKnownHostsFile=/dev/null' : word,
      ),
    };
    const worse = cluster.write('worse.yaml', { shell: ({ name }) => others[name] ?? [] });
    const second = await run('partition-5s', worse);
    expect(second.exitCode).toBe(4);
    expect(second.stderr).toContain('pg1 and pg2: their shells lead to one machine');
    expect(second.stderr).toMatch(/pg3: .*Host key verification failed.*connect once by hand/s);
    const none = cluster.write('none.yaml', { shell: () => ['no-such-shell', 'pg1'] });
    const third = await run('partition-5s', none);
    expect([third.exitCode, third.stderr]).toEqual([
      4,
      expect.stringContaining('pg1: cannot start no-such-shell') as string,
    ]);
    const forbidden = await run('partition-5s', cluster.write('no.yaml', { consent: ['process'] }));
    expect([forbidden.exitCode, forbidden.stderr]).toEqual([
      3,
      expect.stringContaining('add network to consent') as string,
    ]);
  });

  test('keeps every acknowledged write through partition-5s, and the cut is proven from both sides', async () => {
    const { exitCode, stderr } = await run('partition-5s', cluster.clusterFile, lightLoad);
    expect([exitCode, stderr]).toEqual([0, '']);
    const proof = eventsOf(reports.folder, 'partition-5s').find(({ type }) => type === 'proof');
    const tried = proof?.type === 'proof' ? proof.tried : [];
    expect(tried).toContain('pg1 to pg2:5432: no answer');
    expect(tried).toContain('pg2 to pg1:5432: no answer');
    expect(tried).toContain(`pg1 to ${cluster.dcs}: no answer`);
    expect(await Promise.all(cluster.nodes.map(rulesOf))).toEqual([[], [], []]);
  }, 240_000);

  test('is whole 5 s after SIGKILL of the harness in mid-partition, and `heal` finishes the rest', async () => {
    const step = { fault: 'partition', target: 'pg2' };
    const child = await runUntilHarmed(
      ...([reports.folder, 'killed', [step], ['--cluster', cluster.clusterFile]] as const),
    );
    expect(await rulesOf(one('pg2'))).not.toEqual([]);
    child.kill();
    const isWhole = async () => (await rulesOf(one('pg2'))).length === 0;
    await waitUntil('no rule is left', isWhole, { timeoutMs: 5_000, everyMs: 100 });
    const healed = await runCli(['heal', 'killed'], { reports: reports.folder });
    expect([healed.exitCode, healed.stderr]).toEqual([0, '']);
    expect(healed.stdout).toContain('clearRules on pg2: done');
  });

  test('loses the tail of its acknowledged writes in async-tail-loss', async () => {
    await cluster.configure({ ttl: 20, loop_wait: 2, retry_timeout: 5 });
    const { exitCode, stderr } = await run('async-tail-loss', cluster.clusterFile, lightLoad);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(latestResult(reports.folder, 'async-tail-loss').status).toBe('pass');
  }, 240_000);
});
