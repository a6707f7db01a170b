import {
  CoreV1Api,
  type KubernetesObject,
  KubernetesObjectApi,
  loadAllYaml,
  RbacAuthorizationV1Api,
  type V1Pod,
} from '@kubernetes/client-node';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../../src/contracts/result.ts';
import { podShell } from '../../src/shells/kubernetes/pod-shell.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { callCli } from '../helpers/call-cli.ts';
import {
  hasKubernetes,
  loadInJob,
  ownImage,
  sayWhyNoImage,
  sayWhySkipped,
  testConfig,
} from '../helpers/kubernetes.ts';
import { type KubernetesCluster, startKubernetesCluster } from '../helpers/kubernetes-cluster.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

sayWhySkipped();

sayWhyNoImage('Forkpoint as a pod');

const namespace = `own-pod-run-${process.pid}`;
const folder = `forkpoint-own-pod-${process.pid}`;

/** As scenarios/partition-5s.yaml has it, for a machine that is shared with a control plane. */
const partition = `name: partition-5s
claim: A 5 s partition of the leader costs no acknowledged write and no failover.
cluster: { nodes: 3, patroni: { ttl: 30, loop_wait: 5, retry_timeout: 10 }, synchronous: off, converge: 120s }
load: { workload: ledger, clients: 6, rate: 60/s, duration: 30s }
faults: [{ at: 10s, fault: partition, target: leader, from: all, for: 5s }]
expect: { lost: 0, unexpected: 0, failovers: 0, outage: < 60s, replicas: agree }
`;

/** Where no class of storage makes volumes, the claim of the manifest gets this one: a folder of the node. */
const volume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: folder },
  spec: {
    capacity: { storage: '10Gi' },
    accessModes: ['ReadWriteOnce'],
    persistentVolumeReclaimPolicy: 'Retain',
    claimRef: { namespace, name: 'forkpoint-reports' },
    hostPath: { path: `/var/tmp/${folder}` },
  },
};

/** Makes that folder, which any user may write to, and looks into it. */
const keeper = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'keeper', labels: { app: 'keeper' } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'keeper',
        image: 'forkpoint-cluster:pg17',
        command: ['sh', '-c', `mkdir -m 777 -p /node/${folder} && exec sleep 3600`],
        securityContext: { runAsUser: 0 },
        volumeMounts: [{ name: 'node', mountPath: '/node' }],
      },
    ],
    volumes: [{ name: 'node', hostPath: { path: '/var/tmp' } }],
  },
};

describe.skipIf(!hasKubernetes || ownImage === undefined)('Forkpoint as a pod', () => {
  const reports = temporaryReports();
  const owned = ownedBySuite();
  owned.use(reports);
  let cluster: KubernetesCluster;
  beforeAll(async () => {
    cluster = owned.use(await startKubernetesCluster('own-pod', 'patroni.yaml', 'kubernetes'));
    await cluster.namespace.apply(keeper);
    await cluster.namespace.untilReady('app=keeper', 1);
  }, 320_000);

  const look = (script: string) =>
    podShell(testConfig(), { namespace: cluster.namespace.name, pod: 'keeper' }).run(
      ['sh', '-c', `cd /node/${folder} && ${script}`],
      { timeoutMs: 30_000 },
    );

  test('runs partition-5s with the rights of its manifest alone, and its exit code is the verdict', async () => {
    const core = testConfig().makeApiClient(CoreV1Api);
    const rights = testConfig().makeApiClient(RbacAuthorizationV1Api);
    await using cleaning = new AsyncDisposableStack();
    const scenario = cluster.writeText('partition-5s.yaml', partition);
    const { exitCode, stdout, stderr } = await callCli(
      [
        ...[
          'kubernetes',
          'manifest',
          '--cluster',
          cluster.write('in-pod.yaml', { sites: loadInJob(2) }),
          '--scenario',
          scenario,
        ],
        ...['--namespace', namespace, '--image', ownImage ?? ''],
      ],
      { reports: reports.folder },
    );
    expect([exitCode, stderr]).toEqual([0, '']);
    const objects = KubernetesObjectApi.makeApiClient(testConfig());
    cleaning.defer(async () => {
      const name = 'forkpoint-api';
      await Promise.allSettled([
        look('rm -rf ./*'),
        core.deleteNamespace({ name: namespace }),
        core.deletePersistentVolume({ name: folder }),
        rights.deleteNamespacedRole({ namespace: 'default', name }),
        rights.deleteNamespacedRoleBinding({ namespace: 'default', name }),
      ]);
    });
    for (const object of [volume, ...(loadAllYaml(stdout) as KubernetesObject[])]) {
      await objects.create(object);
    }
    const runner = async () => {
      const labelSelector = 'job-name=forkpoint-partition-5s';
      const { items } = await core.listNamespacedPod({ namespace, labelSelector });
      return items[0];
    };
    const ended = async () => codeOf(await runner());
    const code = await waitUntil('the run in the pod ended', ended, {
      timeoutMs: 240_000,
      everyMs: 1_000,
    });
    const name = (await runner())?.metadata?.name ?? '';
    const said = await core.readNamespacedPodLog({ namespace, name });
    const { stdout: text } = await look('cat partition-5s/latest/result.json');
    const { status, writes, clients, problems } = JSON.parse(text) as Result;
    expect([code, status, writes.lost, problems]).toEqual([0, 'pass', 0, []]);
    expect(said).not.toContain('problem');
    expect(clients?.where).toMatch(/^2 pods of Job forkpoint-load-\S+ in namespace own-pod-/);
    expect((await look('ls partition-5s/latest')).stdout).toContain('report.html');
  }, 300_000);
});

/** Undefined: it has not ended. */
function codeOf(pod: V1Pod | undefined): number | undefined {
  return pod?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode;
}
