import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/std/wait.ts';
import { latestResult, runCli } from '../helpers/cli.ts';
import { hasDocker } from '../helpers/docker.ts';
import { endRuns, eventsOf, runUntilHarmed } from '../helpers/held-lab.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';
import { type SshCluster, type SshNode, startSshCluster } from '../helpers/ssh-cluster.ts';

afterEach(endRuns);

const bin = path.resolve(import.meta.dirname, '../../src/bin.js');

// Every client logs in with TLS and scram again after a cut: few of them, and time for it, so that a busy machine is not what
// is measured.
const lightLoad = ['--set', 'load.clients=4', '--set', 'load.rate=50/s'];
const patience = ['--set', 'expect.outage=< 60s', '--set', 'cluster.converge=120s'];
/** A machine where Forkpoint is installed: this one, as if it were another. */
const elsewhere = { shell: ['env'], command: [process.execPath, '--', bin] };

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
  /** What is in force, by the machines' own tools. */
  const residue = async () => {
    const looks = ['ps -C postgres -o stat= | grep ^T', 'iptables -S; ip6tables -S'];
    const look = `(${[...looks, 'tc qdisc', 'ls -a /srv/pg'].join('; ')}) | grep -E '^T|FP-|f0f0:|ballast' || true`;
    return (await Promise.all(cluster.nodes.map((node) => cluster.inside(node, look)))).join('');
  };
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
    const none = cluster.write('none.yaml', {
      shell: () => ['no-such-shell', 'pg1'],
      top: { sites: { clients: { shell: ['env'], command: ['no-such-forkpoint'] } } },
    });
    const third = await run('partition-5s', none);
    expect(third.exitCode).toBe(4);
    expect(third.stderr).toContain('pg1: cannot start no-such-shell');
    expect(third.stderr).toMatch(/sites.clients: `no-such-forkpoint --version`.*install Forkpoint/);
    const patroni = {
      tls: { rootCert: cluster.authority.rootFile },
      auth: { user: 'patroni', password: { file: 'password' } },
    };
    const wrong = cluster.write('login.yaml', { consent: ['patroni'], top: { patroni } });
    const fourth = await run('graceful-switchover', wrong);
    expect(fourth.exitCode).toBe(4);
    expect(fourth.stderr).toMatch(/pg1: Patroni's REST .*refuses.*patroni.auth in the cluster/);
    const forbidden = await run('partition-5s', cluster.write('no.yaml', { consent: ['process'] }));
    expect([forbidden.exitCode, forbidden.stderr]).toEqual([
      3,
      expect.stringContaining('add network to consent') as string,
    ]);
  });

  test('is shown by doctor: what each node offers, and what each scenario lacks', async () => {
    const args = ['doctor', '--cluster', cluster.clusterFile];
    const { exitCode, stdout } = await runCli(args, { reports: reports.folder });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/pg1\n {2}ok {6}server: PostgreSQL 17.*primary.*TLS verify-full/);
    expect(stdout).toMatch(/partition-5s +can run/);
    expect(stdout).toMatch(/graceful-switchover +faults\[0\].fault: .*add patroni to consent/);
  });

  test('keeps every acknowledged write through partition-5s, and the cut is proven from both sides', async () => {
    const { exitCode, stderr } = await run('partition-5s', cluster.clusterFile, [
      ...lightLoad,
      ...patience,
    ]);
    expect([exitCode, stderr]).toEqual([0, '']);
    const proof = eventsOf(reports.folder, 'partition-5s').find(({ type }) => type === 'proof');
    const tried = proof?.type === 'proof' ? proof.tried : [];
    expect(tried).toContain('pg1 to pg2:5432: no answer');
    expect(tried).toContain('pg2 to pg1:5432: no answer');
    expect(tried).toContain(`pg1 to ${cluster.dcs}: no answer`);
    expect(await residue()).toBe('');
  }, 240_000);

  test('is whole 5 s after SIGKILL of the harness in the middle of faults, and `heal` finishes the rest', async () => {
    const steps = [
      { fault: 'partition', target: 'pg2' },
      { fault: 'bandwidth', target: 'pg3', params: { limit: '1MB/s' } },
      { fault: 'disk-full', target: 'pg3', params: { area: 'data', leave: '64MB' } },
      { fault: 'freeze-postgres', target: 'pg2' },
    ];
    const file = cluster.write('site.yaml', {
      consent: ['network', 'shaping', 'disk', 'process'],
      top: { sites: { clients: elsewhere } },
      perNode: { disks: { data: '/srv/pg', wal: '/srv/pg' } },
    });
    const child = await runUntilHarmed(
      ...([reports.folder, 'killed', steps, ['--cluster', file]] as const),
    );
    expect(await residue()).toMatch(/^T[^]*FP-[^]*f0f0:[^]*ballast/m);
    child.kill();
    const isWhole = async () => (await residue()) === '';
    await waitUntil('nothing is in force', isWhole, { timeoutMs: 5_000, everyMs: 100 });
    const healed = await runCli(['heal', 'killed'], { reports: reports.folder });
    expect([healed.exitCode, healed.stderr]).toEqual([0, '']);
    expect(healed.stdout).toContain('clearRules on pg2: done');
    // Its servers learn of its death once the packets that the cut dropped are sent again.
    const clean = async () => {
      const args = ['clean', '--cluster', file];
      const { exitCode, stdout, stderr } = await runCli(args, { reports: reports.folder });
      if (exitCode !== 0) throw new Error(stderr);
      return stdout;
    };
    const cleaned = await waitUntil('clean', clean, { timeoutMs: 120_000, everyMs: 1_000 });
    expect(cleaned).toMatch(/pg\d: schema forkpoint_\d{8}t\d{6}z_[0-9a-f]{6}/);
  }, 240_000);

  test('loses the tail of its acknowledged writes in async-tail-loss', async () => {
    await cluster.configure({ ttl: 20, loop_wait: 2, retry_timeout: 5 });
    const { exitCode, stderr } = await run('async-tail-loss', cluster.clusterFile, [
      ...lightLoad,
      ...['--set', 'cluster.converge=120s'],
    ]);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(latestResult(reports.folder, 'async-tail-loss').status).toBe('pass');
  }, 240_000);
});
