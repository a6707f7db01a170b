import { CoreV1Api } from '@kubernetes/client-node';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/std/wait.ts';
import { latestResult, runCli } from './cli.ts';
import { endRuns, eventsOf, runUntilHarmed } from './held-lab.ts';
import { hasKubernetes, loadInJob, ownImage, sayWhyNoImage, sayWhySkipped } from './kubernetes.ts';
import {
  type KubernetesCluster,
  type Looker,
  lookerRun,
  members,
  startKubernetesCluster,
} from './kubernetes-cluster.ts';
import { temporaryReports } from './local-lab.ts';
import { ownedBySuite } from './owned-by-suite.ts';

const set = (...pairs: readonly string[]) => pairs.flatMap((pair) => ['--set', pair]);
/** The machine is shared with a control plane and another cluster. */
const light = ['load.clients=6', 'load.rate=60/s', 'cluster.converge=120s'];

/**
 * As the scenarios that lose writes are written for, with twice the time for a DCS that is slow to answer: a control plane
 * and two clusters on a busy machine would cost the leader its lock.
 */
const quick = { ttl: 24, loop_wait: 2, retry_timeout: 10, maximum_lag_on_failover: 104_857_600 };

/** The acceptance of the backend on one kind of DCS. */
export function kubernetesScenarios(dcs: 'kubernetes' | 'etcd', manifest: string): void {
  sayWhySkipped();
  sayWhyNoImage('load in a Job on a cluster of Patroni');
  afterEach(endRuns);
  describe.skipIf(!hasKubernetes)(`a cluster of pods whose DCS is ${dcs}`, () => {
    const reports = temporaryReports();
    const owned = ownedBySuite();
    owned.use(reports);
    let cluster: KubernetesCluster;
    beforeAll(async () => {
      cluster = owned.use(await startKubernetesCluster(`dcs-${dcs}`, manifest, dcs));
    }, 300_000);

    const run = (scenario: string, more: readonly string[] = [], file = cluster.file) =>
      runCli(['run', scenario, '--quiet', '--cluster', file, ...more], { reports: reports.folder });
    /** With load in the pods of a Job, where the cluster has the image. */
    const withJob = () =>
      ownImage === undefined ? cluster.file : cluster.write('job.yaml', { sites: loadInJob(2) });
    const addresses = async () =>
      (await cluster.namespace.pods('app=pg')).map(({ status }) => status?.podIP);
    const scenarioFile = (name: string, step: string, load = '{ duration: 50s }') =>
      cluster.writeText(
        `${name}.yaml`,
        `name: ${name}
claim: A pod that comes back with another address and no data is a replica again, and every loss has a cause.
load: ${load}
faults: [${step}]
expect: { unexpected: 0, explained: true, replicas: agree, converged: true }
`,
      );
    const resultOf = (scenario: string) => latestResult(reports.folder, scenario);
    const helpers = async () => {
      const found = await cluster.namespace.pods(
        `forkpoint.dev/part,forkpoint.dev/run!=${lookerRun}`,
      );
      return found.map(({ metadata }) => metadata?.name);
    };
    /** Packet rules in members' networks. */
    const rulesBy = async (looker: Looker) => {
      const look = 'set -e; rules=$(iptables-save); echo "$rules" | grep FP- || true';
      return (await Promise.all(members.map((member) => looker.inside(member, look)))).join('');
    };

    test('keeps every acknowledged write through partition-5s, with load by Job, and the cut is proven', async () => {
      const more = set(...light, 'load.duration=30s', 'expect.outage=< 60s');
      const { exitCode, stderr } = await run('partition-5s', more, withJob());
      expect([exitCode, stderr]).toEqual([0, '']);
      const { writes, clients } = resultOf('partition-5s');
      expect(writes.lost).toBe(0);
      if (ownImage !== undefined) expect(clients?.where).toMatch(/^2 pods of Job forkpoint-load-/);
      const proof = eventsOf(reports.folder, 'partition-5s').find(({ type }) => type === 'proof');
      expect(proof?.type === 'proof' ? proof.tried.join('; ') : '').toMatch(
        /pg-\d to pg-\d:5432: no answer/,
      );
      expect(await helpers()).toEqual([]);
    }, 240_000);

    test('loses the tail of a leader that is killed while replication is cut', async () => {
      await cluster.configure(quick);
      const { exitCode, stderr } = await run('async-tail-loss', set(...light, 'load.duration=50s'));
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(resultOf('async-tail-loss').writes.lost).toBeGreaterThan(0);
    }, 300_000);

    test('loses exactly what was let through, to the row', async () => {
      await cluster.configure(quick);
      const more = set(
        ...[
          ...light,
          'load.duration=100s',
          'faults.0.until=failover within 75s',
          'faults.1.when=replayed within 30s',
        ],
        ...['faults.2.writes=50', 'expect.lost=50'],
      );
      const { exitCode, stderr } = await run('staged-loss', more);
      expect([exitCode, stderr]).toEqual([0, '']);
    }, 300_000);

    // One each: the way to a pod's end is the same on both.
    const [name, step] =
      dcs === 'kubernetes'
        ? ['deleted', '{ at: 4s, fault: delete-pod, target: leader, grace: 0s }']
        : ['evicted', '{ at: 4s, fault: evict-pod, target: any-replica }'];
    test(`follows a pod that was ${name} to its new address, and judges what it cost`, async () => {
      await cluster.configure(quick);
      const before = await addresses();
      const [leader] = await cluster.namespace.pods('app=pg,role=primary');
      // Patroni labels the leader only where Kubernetes is its DCS. Its pod comes back as a replica, which refuses writes.
      const node = leader?.metadata?.name;
      const pinned = `routes: { direct: 4, sticky: { via: address, node: ${node}, clients: 2, pool: { on25006: none } } }`;
      const load = node === undefined ? undefined : `{ duration: 50s, ${pinned} }`;
      const scenario = scenarioFile(`pod-${name}`, step, load);
      const { exitCode, stderr } = await run(scenario, set(...light));
      const { problems } = resultOf(`pod-${name}`);
      expect([exitCode, stderr, problems]).toEqual([0, '', []]);
      expect(await addresses()).not.toEqual(before);
      if (node === undefined) return;
      const sticky = resultOf(`pod-${name}`).routes?.find((route) => route.name === 'sticky');
      expect(JSON.stringify(sticky?.errors)).toContain('25006');
    }, 300_000);

    test('a harness that is killed leaves no rule in force after 5 s, and clean removes its helper', async () => {
      await using looker = await cluster.look();
      const steps = [{ fault: 'partition', target: 'leader', params: { from: 'all' } }];
      const options = ['--cluster', withJob()];
      const killed = await runUntilHarmed(reports.folder, 'killed-in-cut', steps, options);
      const rules = await rulesBy(looker);
      // A harness that is kept from running for 3 s is healed by the timer: then its last events tell.
      const last = eventsOf(reports.folder, 'killed-in-cut').slice(-5);
      expect(rules, JSON.stringify(last)).toContain('FP-');
      killed.kill();
      const isHealed = async () => (await rulesBy(looker)) === '';
      await waitUntil('no rule is in force', isHealed, { timeoutMs: 5_000 });
      expect(await helpers()).not.toEqual([]);
      // Its own file does not say that load ran in a Job.
      const cleaned = await runCli(['clean', '--cluster', cluster.file], {
        reports: reports.folder,
      });
      const said = cleaned.stdout + cleaned.stderr;
      expect(said).toMatch(/forkpoint-helper-\w+ of run .*: removed/);
      if (ownImage !== undefined) expect(said).toMatch(/Job forkpoint-load-\S+ of run .*: removed/);
      // Kubernetes removes a Job's pods after it.
      const areGone = async () => (await helpers()).length === 0;
      await waitUntil('no pod of the run is there', areGone, { timeoutMs: 60_000, everyMs: 500 });
    }, 240_000);

    test('bad input is refused before anything is written, with what to do', async () => {
      const files: Readonly<Record<string, readonly [object, RegExp]>> = {
        context: [{ context: 'no-such-context' }, /no context 'no-such-context'.*it has/],
        nothing: [{ selector: 'app=nothing' }, /selector 'app=nothing' matches no pod/],
        names: [{ nodes: ['pg-0', 'pg-1'] }, /matches pg-2, which nodes does not name/],
        secret: [{ credentials: { secret: 'nothing' } }, /get secrets in namespace .*not found/],
        key: [
          { credentials: { secret: 'pg', passwordKey: 'pw' } },
          /no key 'pw'; it has password, username/,
        ],
        container: [{ container: 'database' }, /has no container 'database'; it has postgres/],
        image: [
          { helper: { image: 'no-such-image:1', pullPolicy: 'Never' } },
          /no-such-image:1.*kubectl .*describe pod/,
        ],
      };
      const found = await Promise.all(
        Object.entries(files).map(async ([name, [over, said]]) => {
          const { exitCode, stderr } = await run(
            'partition-5s',
            [],
            cluster.write(`${name}.yaml`, over),
          );
          return { name, exitCode, says: said.test(stderr) ? 'it' : stderr };
        }),
      );
      expect(found).toEqual(Object.keys(files).map((name) => ({ name, exitCode: 4, says: 'it' })));
      expect(await helpers()).toEqual([]);
    }, 240_000);

    test('is left as it was: no schema of a run, no pod of ours', async () => {
      const core = cluster.namespace.config.makeApiClient(CoreV1Api);
      const { items } = await core.listNamespacedPod({ namespace: cluster.namespace.name });
      const names = items.flatMap(({ metadata }) => metadata?.name ?? []);
      expect(names.filter((name) => name.startsWith('forkpoint'))).toEqual([]);
      await using looker = await cluster.look();
      expect(await rulesBy(looker)).toBe('');
    });
  });
}
