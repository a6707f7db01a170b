import { beforeAll, afterEach, describe, expect, test } from 'vitest';
import { CoreV1Api } from '@kubernetes/client-node';
import { connectCluster } from '../../src/backends/kubernetes/connect.ts';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { runCli } from '../helpers/cli.ts';
import { endRuns, runUntilHarmed } from '../helpers/held-lab.ts';
import { hasKubernetes, sayWhySkipped } from '../helpers/kubernetes.ts';
import {
  type ChaosDefinitions,
  type ChaosObject,
  defineChaos,
  injected,
} from '../helpers/kubernetes-chaos.ts';
import { connectPatiently, inject } from '../helpers/kubernetes-inject.ts';
import { type ScaledServer, startScaledServer } from '../helpers/kubernetes-scaled-server.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

sayWhySkipped();
afterEach(endRuns);

/** The lab has one node, so a cordon there keeps the pods of all other tests waiting: it runs alone. */
describe.skipIf(!hasKubernetes)(
  'faults of Kubernetes itself, with the rights that the manifest prints',
  () => {
    const reports = temporaryReports();
    const owned = ownedBySuite();
    owned.use(reports);
    let server: ScaledServer;
    beforeAll(async () => {
      server = owned.use(
        await startScaledServer('faults', ['scale', 'host', 'pod', 'volume', 'chaos']),
      );
    }, 300_000);

    const connect = (id: string, needs: readonly string[], over = {}) =>
      connectPatiently(server.bootOptions(id, needs, over));
    const untilReady = () => server.namespace.untilReady('app=pg', 1);
    const targets = ({ nodes }: Cluster) => nodes;

    test('cordon is in force and taken back, and leaves no mark', async () => {
      await using cluster = await connect('cordon', ['host']);
      const fault = await inject(cluster, 'cordon', { targets: targets(cluster) });
      const during = await server.node();
      await fault.heal();
      await fault.heal();
      expect(during).toEqual({ isCordoned: true, marks: 4 });
      expect(await server.node()).toEqual({ isCordoned: false, marks: 0 });
    }, 120_000);

    test('a cordon that somebody else takes back has lapsed', async () => {
      await using cluster = await connect('lapse', ['host']);
      const fault = await inject(cluster, 'cordon', { targets: targets(cluster) });
      expect(await fault.lapsed()).toBeUndefined();
      await server.uncordon();
      const said = await fault.lapsed();
      await fault.heal();
      expect(said).toMatch(/node \S+: it was changed back from outside the run/);
    }, 120_000);

    test('scale ends the pods of a StatefulSet, and brings them back', async () => {
      await using cluster = await connect('scale', ['scale']);
      const fault = await inject(cluster, 'scale', { params: { replicas: 0 } });
      const during = await server.namespace.pods('app=pg');
      const scaled = await server.replicas();
      await fault.heal();
      await untilReady();
      expect([scaled, during.length]).toEqual([0, 0]);
      expect(await server.replicas()).toBe(1);
    }, 180_000);

    test('drain evicts the pods on the node, which come back once it is uncordoned', async () => {
      await using cluster = await connect('drain', ['host', 'pod']);
      const [before] = await server.namespace.pods('app=pg');
      const fault = await inject(cluster, 'drain', { targets: targets(cluster) });
      const during = await server.node();
      await fault.heal();
      await untilReady();
      const [after] = await server.namespace.pods('app=pg');
      expect(during.isCordoned).toBe(true);
      expect(after?.metadata?.uid).not.toBe(before?.metadata?.uid);
      expect(await server.node()).toEqual({ isCordoned: false, marks: 0 });
    }, 180_000);

    test('a drain that a PodDisruptionBudget refuses is not carried out, and the node is uncordoned', async () => {
      await using budget = await server.refuseEvictions();
      await using cluster = await connect('budget', ['host', 'pod']);
      const fault = await inject(cluster, 'drain', {
        targets: targets(cluster),
        params: { within: '1s' },
        mayFail: true,
      });
      await fault.heal();
      expect(budget.name).toBe('pg');
      expect(fault.failure).toMatch(/pg-0: its eviction was refused, for 1 s: .*disruption budget/);
      expect(await server.node()).toEqual({ isCordoned: false, marks: 0 });
    }, 120_000);

    test('a harness that is killed leaves no node cordoned and no StatefulSet scaled', async () => {
      const steps = [
        { fault: 'cordon', target: 'pg-0', isSingle: true as const },
        { fault: 'scale', params: { replicas: 0 }, isSingle: true as const },
      ];
      const killed = await runUntilHarmed(reports.folder, 'killed', steps, [
        '--cluster',
        server.file,
      ]);
      expect([await server.node(), await server.replicas()]).toMatchObject([
        { isCordoned: true },
        0,
      ]);
      killed.kill();
      const isTakenBack = async () => {
        const { isCordoned, marks } = await server.node();
        return !isCordoned && marks === 0 && (await server.replicas()) === 1;
      };
      await waitUntil('both are taken back', isTakenBack, { timeoutMs: 5_000, everyMs: 200 });
      await untilReady();
      const cleaned = await runCli(['clean', '--cluster', server.file], {
        reports: reports.folder,
      });
      expect(cleaned.stdout + cleaned.stderr).toMatch(/forkpoint-undo-\w+ of run .*: removed/);
      expect(await server.ours()).toEqual([]);
    }, 400_000);

    test('clean takes back what is left where the undo pod has gone, too', async () => {
      await using cluster = await connect('left', ['host', 'scale']);
      await inject(cluster, 'cordon', { targets: targets(cluster) });
      await inject(cluster, 'scale', { params: { replicas: 0 } });
      await server.removeOurs();
      const cleaned = await runCli(['clean', '--cluster', server.file], {
        reports: reports.folder,
      });
      const said = cleaned.stdout + cleaned.stderr;
      expect(said).toMatch(/node \S+: unschedulable is false again, as before run left/);
      expect(said).toMatch(/StatefulSet pg: replicas is 1 again, as before run left/);
      expect(await server.node()).toEqual({ isCordoned: false, marks: 0 });
      await untilReady();
    }, 240_000);

    test('remove-pvc takes the data of a pod along, and its StatefulSet makes both anew', async () => {
      await using cluster = await connect('volume', ['volume']);
      await server.mark();
      const isMarked = await server.isMarked();
      const { detail } = await inject(cluster, 'remove-pvc', { targets: targets(cluster) });
      expect([isMarked, detail]).toEqual([true, { removed: ['data-pg-0'] }]);
      expect(await server.isMarked()).toBe(false);
      const how = { targets: targets(cluster), params: { volume: 'wal' }, mayFail: true };
      const { failure } = await inject(cluster, 'remove-pvc', how);
      expect(failure).toMatch(/pg-0: no volume called wal is a PersistentVolumeClaim; .*: data/);
    }, 180_000);

    const chaos = { kind: 'NetworkChaos', spec: { action: 'loss', loss: { loss: '25' } } };

    test('Chaos Mesh that is not installed is refused before a run', async () => {
      await expect(connectCluster(server.bootOptions('no-chaos', ['chaos']))).rejects.toThrow(
        'the API server knows nothing of chaos-mesh.org/v1alpha1; install Chaos Mesh',
      );
    }, 60_000);

    describe('with the definitions of Chaos Mesh, and no controller', () => {
      let definitions: ChaosDefinitions;
      beforeAll(async () => {
        definitions = owned.use(await defineChaos(server.namespace.config));
      }, 60_000);
      const left = () => definitions.list(server.namespace.name);

      test('an object is created for the pods, watched, and deleted', async () => {
        await using cluster = await connect('chaos', ['chaos']);
        let made: readonly ChaosObject[];
        let says: readonly (string | undefined)[];
        {
          using _controller = definitions.injectAll(server.namespace.name);
          const fault = await inject(cluster, 'chaos-mesh', {
            targets: targets(cluster),
            params: chaos,
          });
          made = await left();
          const name = made[0]?.metadata.name ?? '';
          const before = await fault.lapsed();
          await definitions.say(server.namespace.name, name, injected('False'));
          says = [before, await fault.lapsed()];
          await fault.heal();
        }
        expect(made).toMatchObject([
          {
            metadata: {
              labels: { 'forkpoint.dev/part': 'chaos', 'forkpoint.dev/run': 'chaos' },
              ownerReferences: [{ kind: 'Pod' }],
            },
            spec: {
              ...chaos.spec,
              mode: 'all',
              selector: { pods: { [server.namespace.name]: ['pg-0'] } },
              duration: '600s',
            },
          },
        ]);
        expect(says[0]).toBeUndefined();
        expect(says[1]).toMatch(/NetworkChaos \S+: its controller says AllInjected False/);
        expect(await left()).toEqual([]);
      }, 120_000);

      test('a controller that never says AllInjected is named, and the object is deleted', async () => {
        await using cluster = await connect('silent', ['chaos']);
        const params = { ...chaos, within: '2s' };
        const how = { targets: targets(cluster), params, mayFail: true };
        const fault = await inject(cluster, 'chaos-mesh', how);
        expect(await left()).toHaveLength(1);
        await fault.heal();
        expect(fault.failure).toMatch(
          /NetworkChaos \S+: unknown whether it is in force: its controller has not said AllInjected in 2 s, it says nothing; does chaos-controller-manager run/,
        );
        expect(await left()).toEqual([]);
      }, 120_000);

      test('an object whose controller holds its finalizer is an error of the heal, by name', async () => {
        await using cluster = await connect('held', ['chaos']);
        using _controller = definitions.injectAll(server.namespace.name);
        const how = { targets: targets(cluster), params: chaos };
        const fault = await inject(cluster, 'chaos-mesh', how);
        const name = (await left())[0]?.metadata.name ?? '';
        const hold = (finalizers: readonly string[]) =>
          definitions.say(server.namespace.name, name, {
            metadata: { name, namespace: server.namespace.name, finalizers },
          });
        await hold(['chaos-mesh/records']);
        const healing = fault.heal();
        await expect(healing).rejects.toThrow(
          /was deleted, and its controller has not removed its finalizers chaos-mesh\/records in 25 s/,
        );
        await hold([]);
        expect(await left()).toEqual([]);
      }, 120_000);

      test('clean deletes what a dead run left of Chaos Mesh', async () => {
        await using cluster = await connect('left-chaos', ['chaos']);
        {
          using _controller = definitions.injectAll(server.namespace.name);
          await inject(cluster, 'chaos-mesh', { targets: targets(cluster), params: chaos });
        }
        // The undo pod would take the object along: here it must be there still.
        await cluster[Symbol.asyncDispose]();
        const cleaned = await runCli(['clean', '--cluster', server.file], {
          reports: reports.folder,
        });
        expect(cleaned.exitCode).toBe(0);
        expect(await left()).toEqual([]);
      }, 120_000);
    });

    test('a right that is missing is named before anything is changed, ours and that of the undo pod', async () => {
      const over = { kubeconfig: server.poorKubeconfig };
      const mine = connectCluster(server.bootOptions('poor', ['host', 'scale'], over));
      await expect(mine).rejects.toThrow(
        /get nodes: not allowed; allow the verb get on nodes in a ClusterRole[^]*patch statefulsets: not allowed; .* in a Role in namespace/,
      );
      const helper = { image: 'forkpoint-cluster:pg17', undoAs: 'poor' };
      await using cluster = await connect('poor-undo', ['host'], { helper });
      const fault = await inject(cluster, 'cordon', { targets: targets(cluster), mayFail: true });
      await fault.heal();
      expect(fault.failure).toMatch(
        /node \S+: nothing would take its change back.*ServiceAccount poor: .*cannot patch resource "nodes".*allow ServiceAccount poor the verb patch on node/,
      );
      expect(await server.node()).toEqual({ isCordoned: false, marks: 0 });
      const core = server.namespace.config.makeApiClient(CoreV1Api);
      expect((await core.listNode()).items).toHaveLength(1);
    }, 180_000);
  },
);
