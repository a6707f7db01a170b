import { writeFileSync } from 'node:fs';
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
// is measured. Two go to the nodes, two through HAProxy, and two through HAProxy and the PgBouncer of the leader's node.
const routes =
  '{direct: 2, haproxy: 2, pooled: {via: pgbouncer, pooling: transaction, clients: 2}}';
const lightLoad = ['load.clients=6', 'load.rate=60/s', `load.routes=${routes}`];
const patience = ['cluster.converge=120s'];
const set = (...pairs: readonly string[]) => pairs.flatMap((pair) => ['--set', pair]);
const proxiesCut = `name: proxies-cut
claim: A cut on either side of HAProxy stops the routes behind it, and no other.
load: { rate: 60/s, duration: 16s, deadline: 1s, routes: ${routes} }
faults:
  - { at: 2s, id: behind, fault: partition, target: leader, from: proxies, for: 4s }
  - { at: 9s, id: before, fault: partition, target: lb1, from: clients, for: 4s }
expect: { lost: 0, unexpected: 0, failovers: 0, replicas: agree, converged: true }
`;
/** A machine where Forkpoint is installed: this one, as if it were another. */
const elsewhere = { shell: ['env'], command: [process.execPath, '--', bin] };

describe.skipIf(!hasDocker)('a cluster that Forkpoint reaches by ssh, TLS and https alone', () => {
  const reports = temporaryReports();
  let cluster: SshCluster;
  const owned = ownedBySuite();
  owned.use(reports);
  beforeAll(async () => {
    cluster = owned.use(await startSshCluster());
  }, 900_000);

  const run = (scenario: string, file: string, more: readonly string[] = []) =>
    runCli(['run', scenario, '--quiet', '--cluster', file, ...more], { reports: reports.folder });
  /** What is in force, by the machines' own tools. */
  const residue = async () => {
    const looks = ['ps -C postgres -o stat= | grep ^T', 'iptables -S; ip6tables -S'];
    const look = `(${[...looks, 'tc qdisc', 'ls -a /srv/pg'].join('; ')}) | grep -E '^T|FP-|f0f0:|ballast' || true`;
    const machines = [...cluster.nodes, cluster.proxy];
    const found = machines.map(async (one) => [one.name, await cluster.inside(one, look)] as const);
    return Object.fromEntries((await Promise.all(found)).filter(([, said]) => said !== ''));
  };
  const one = (name: string): SshNode => {
    const node = cluster.nodes.find((each) => each.name === name);
    if (!node) throw new Error(name);
    return node;
  };
  /** By route: what was lost, and the longest outage. */
  const routesOf = (scenario: string) =>
    new Map(latestResult(reports.folder, scenario).routes?.map((route) => [route.name, route]));
  const triedIn = (scenario: string, id: string): readonly string[] => {
    const proof = eventsOf(reports.folder, scenario).find(
      (event) => event.type === 'proof' && event.id === id,
    );
    return proof?.type === 'proof' ? proof.tried : [];
  };

  test('refuses before anything is written, with a sentence for each shell and what to do', async () => {
    const ssh: SshCluster['ssh'] = (node, login) => cluster.ssh(node, login);
    const shells: Readonly<Record<string, readonly string[]>> = {
      pg1: ssh(one('pg1'), 'guest'),
      pg2: [...ssh(one('pg2'), 'guest'), 'sudo', '-n'],
      pg3: ssh(one('pg3'), 'stranger'),
    };
    const others: Readonly<Record<string, readonly string[]>> = {
      pg1: [...ssh(one('pg1')), 'sudo', '-n'],
      pg2: [...ssh(one('pg1')), 'sudo', '-n'],
      pg3: ssh(one('pg3')).map((word) =>
        word.startsWith('UserKnownHostsFile') ? 'UserKnownHostsFile=/dev/null' : word,
      ),
    };
    const patroni = {
      tls: { rootCert: cluster.authority.rootFile },
      auth: { user: 'patroni', password: { file: 'password' } },
    };
    const [first, second, third, fourth, forbidden] = await Promise.all([
      run('partition-5s', cluster.write('bad.yaml', { shell: ({ name }) => shells[name] ?? [] })),
      run('partition-5s', cluster.write('worse.yaml', { shell: ({ name }) => others[name] ?? [] })),
      run(
        'partition-5s',
        cluster.write('none.yaml', {
          shell: () => ['no-such-shell', 'pg1'],
          top: { sites: { clients: { shell: ['env'], command: ['no-such-forkpoint'] } } },
        }),
      ),
      run(
        'graceful-switchover',
        cluster.write('login.yaml', { consent: ['patroni'], top: { patroni } }),
      ),
      run('partition-5s', cluster.write('no.yaml', { consent: ['process'] })),
    ]);
    expect(first.exitCode).toBe(4);
    expect(first.stderr).toMatch(/pg1: its shell runs commands as user \d+, .* sudo, -n/);
    expect(first.stderr).toMatch(/pg2: .*a password is required; sudo asks for a password there/);
    expect(first.stderr).toMatch(/pg3: .*Permission denied.*ssh-copy-id/s);
    expect(second.exitCode).toBe(4);
    expect(second.stderr).toContain('pg1 and pg2: their shells lead to one machine');
    expect(second.stderr).toMatch(/pg3: .*Host key verification failed.*connect once by hand/s);
    expect(third.exitCode).toBe(4);
    expect(third.stderr).toContain('pg1: cannot start no-such-shell');
    expect(third.stderr).toMatch(/sites.clients: `no-such-forkpoint --version`.*install Forkpoint/);
    expect(fourth.exitCode).toBe(4);
    expect(fourth.stderr).toMatch(/pg1: Patroni's REST .*refuses.*patroni.auth in the cluster/);
    expect([forbidden.exitCode, forbidden.stderr]).toEqual([
      3,
      expect.stringContaining('add network to consent') as string,
    ]);
  }, 240_000);

  test('is shown by doctor: what each node offers, and what each scenario lacks', async () => {
    const args = ['doctor', '--cluster', cluster.clusterFile];
    const { exitCode, stdout } = await runCli(args, { reports: reports.folder });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/pg1\n {2}ok {6}server: PostgreSQL 17.*primary.*TLS verify-full/);
    expect(stdout).toMatch(/lb1\n {2}ok {6}shell: ssh .*ops@/);
    expect(stdout).toMatch(/partition-5s +can run/);
    expect(stdout).toMatch(/graceful-switchover +faults\[0\].fault: .*add patroni to consent/);
  });

  test('keeps every acknowledged write of every route through partition-5s, and the cut is proven from both sides', async () => {
    const { exitCode, stderr } = await run(
      'partition-5s',
      cluster.clusterFile,
      set(...lightLoad, ...patience, 'load.duration=22s', 'expect.outage=< 60s'),
    );
    expect([exitCode, stderr]).toEqual([0, '']);
    const tried = triedIn('partition-5s', 'partition#1');
    for (const path of ['pg1 to pg2:5432', 'pg2 to pg1:5432', `pg1 to ${cluster.dcs}`]) {
      expect(tried).toContain(`${path}: no answer`);
    }
    const found = routesOf('partition-5s');
    expect([...found.keys()]).toEqual(['direct', 'haproxy', 'pooled']);
    for (const { name, lost, outageMs } of found.values()) {
      expect([name, lost, (outageMs ?? 0) > 4_000]).toEqual([name, 0, true]);
    }
    expect(await residue()).toEqual({});
  }, 240_000);

  test('stops the routes behind HAProxy alone when packets are cut on either side of it', async () => {
    const file = path.join(cluster.folder, 'proxies-cut.yaml');
    writeFileSync(file, proxiesCut);
    const { exitCode, stderr } = await run(file, cluster.clusterFile);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(triedIn('proxies-cut', 'behind')).toEqual([
      'lb1 to pg1:5432: no answer',
      'lb1 to pg1:8008: no answer',
    ]);
    expect(triedIn('proxies-cut', 'before')).toEqual(['clients to lb1:5001: no answer']);
    const longest = (name: string) => routesOf('proxies-cut').get(name)?.outageMs ?? 0;
    expect(longest('haproxy')).toBeGreaterThan(3_000);
    expect(longest('pooled')).toBeGreaterThan(3_000);
    expect(longest('direct')).toBeLessThan(longest('haproxy'));
  }, 240_000);

  test('is whole 5 s after SIGKILL of the harness in the middle of faults, and `heal` finishes the rest', async () => {
    const steps = [
      { fault: 'partition', target: 'pg2' },
      { fault: 'partition', target: 'lb1', params: { from: 'peers' } },
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
      ...([
        reports.folder,
        'killed',
        steps,
        ['--cluster', file, ...set(`load.routes=${routes}`, 'load.clients=6')],
      ] as const),
    );
    expect(await residue()).toEqual({
      pg2: expect.stringMatching(/^T[^]*FP-/) as string,
      pg3: expect.stringMatching(/f0f0:[^]*ballast/) as string,
      lb1: expect.stringContaining('FP-') as string,
    });
    child.kill();
    const isWhole = async () => Object.keys(await residue()).length === 0;
    await waitUntil('nothing is in force', isWhole, { timeoutMs: 5_000, everyMs: 100 });
    const healed = await runCli(['heal', 'killed'], { reports: reports.folder });
    expect([healed.exitCode, healed.stderr]).toEqual([0, '']);
    expect(healed.stdout).toContain('clearRules on pg2: done');
    expect(healed.stdout).toContain('clearRules on lb1: done');
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

  test('loses the tail of its acknowledged writes on every route in async-tail-loss', async () => {
    await cluster.configure({ ttl: 20, loop_wait: 2, retry_timeout: 9 });
    const { exitCode, stderr } = await run(
      'async-tail-loss',
      cluster.clusterFile,
      set(...lightLoad, ...patience),
    );
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const { name, lost, outageMs } of routesOf('async-tail-loss').values()) {
      const wanted = [name, true, true];
      expect([name, (lost ?? 0) > 0, (outageMs ?? 0) > 10_000]).toEqual(wanted);
    }
  }, 240_000);
});
