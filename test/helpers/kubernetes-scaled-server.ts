import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppsV1Api, CoreV1Api, KubernetesObjectApi } from '@kubernetes/client-node';
import { stringify } from 'yaml';
import { askedBy } from '../../src/backends/kubernetes/manifest/wants.ts';
import { nodeRulesOf, rulesOf, undoRulesOf } from '../../src/backends/kubernetes/manifest/rules.ts';
import { type KubernetesParams, kubernetesParams } from '../../src/backends/kubernetes/params.ts';
import type { BootOptions } from '../../src/contracts/backend.ts';
import type { CapabilityName } from '../../src/contracts/cluster.ts';
import type { Json } from '../../src/contracts/json.ts';
import { connect } from '../../src/pg/connect.ts';
import { testNamespace, type TestNamespace } from './kubernetes.ts';
import { threeNodes } from './local-lab.ts';

const image = 'forkpoint-cluster:pg17';
const password = 'forkpoint';

/** One server without Patroni in a StatefulSet of one, and accounts with just the rights that the manifest prints. */
export interface ScaledServer extends AsyncDisposable {
  readonly namespace: TestNamespace;
  /** The cluster file, as the account of a run. */
  readonly file: string;
  /** What the cluster file says. */
  readonly params: KubernetesParams;
  /** Of an account that may look at pods, and no more. */
  readonly poorKubeconfig: string;
  bootOptions(id: string, needs: readonly string[], over?: object): BootOptions;
  /** The Kubernetes node, with the number of labels and annotations of ours on it. */
  node(): Promise<{ readonly isCordoned: boolean; readonly marks: number }>;
  uncordon(): Promise<void>;
  replicas(): Promise<number>;
  /** No pod may be evicted until it is disposed. */
  refuseEvictions(): Promise<AsyncDisposable & { readonly name: string }>;
  /** Whether the table of `mark` is there; a server that has just started is waited for. */
  isMarked(): Promise<boolean>;
  /** On the server, as a client has it. */
  rows<Row>(text: string): Promise<readonly Row[]>;
  /** Folders to fill. */
  readonly disks: { readonly data: string; readonly wal: string };
  /** Makes a table. */
  mark(): Promise<void>;
  /** Names of pods of ours. */
  ours(): Promise<readonly string[]>;
  removeOurs(): Promise<void>;
}

/** `small`: its volume is a disk of this size, as mount writes it, in the container's own mounts. */
export async function startScaledServer(
  prefix: string,
  consent: readonly string[],
  small?: { readonly size: string },
): Promise<ScaledServer> {
  await using opened = new AsyncDisposableStack();
  const namespace = opened.use(await testNamespace(prefix));
  const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-kubernetes-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const { name, config } = namespace;
  const [core, apps] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AppsV1Api)];
  const params = {
    namespace: name,
    selector: 'app=pg',
    nodes: ['pg-0'],
    patroni: false,
    consent,
    credentials: { secret: 'pg' },
    helper: { image, undoAs: 'undo' },
  };
  const asked = askedBy({ backend: 'kubernetes', params });
  await namespace.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'pg' },
    ...{ stringData: { username: 'postgres', password } },
  });
  const account = async (called: string, rules: readonly Json[], wide: readonly Json[]) => {
    opened.use(await accountWith(namespace, called, rules, wide));
  };
  await account('run', rulesOf(asked), nodeRulesOf(asked, 'ours'));
  await account('undo', undoRulesOf(asked), nodeRulesOf(asked, 'undo'));
  await account('poor', rulesOf({ ...asked, consent: [] }), []);
  opened.use(await volumesOf(namespace, 2));
  await namespace.apply(statefulSetOn(name, small?.size));
  await namespace.untilReady('app=pg', 1);
  const kubeconfigOf = async (called: string) => {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [] },
    };
    const made = await core.createNamespacedServiceAccountToken({
      name: called,
      namespace: name,
      body,
    });
    const user = { name: 'account', user: { token: made.status?.token ?? '' } };
    const [cluster] = config.clusters;
    const context = { name: 'lab', context: { cluster: 'lab', user: 'account' } };
    const file = path.join(folder, `${called}.kubeconfig`);
    const text = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'lab',
      clusters: [
        {
          name: 'lab',
          cluster: {
            server: cluster?.server,
            'certificate-authority-data': cluster?.caData,
          },
        },
      ],
      contexts: [context],
      users: [user],
    };
    writeFileSync(file, JSON.stringify(text));
    return file;
  };
  const kubeconfig = await kubeconfigOf('run');
  const file = path.join(folder, 'cluster.yaml');
  writeFileSync(file, stringify({ backend: 'kubernetes', kubeconfig, ...params }));
  const poorKubeconfig = await kubeconfigOf('poor');
  const theNode = async () => {
    const [pod] = await namespace.pods('app=pg');
    const nodes = (await core.listNode()).items;
    return (nodes.find(({ metadata }) => metadata?.name === pod?.spec?.nodeName) ?? nodes[0])!;
  };
  const objects = KubernetesObjectApi.makeApiClient(config);
  const ours = async () =>
    (await namespace.pods('forkpoint.dev/part')).map(({ metadata }) => metadata?.name ?? '');
  const rows = async <Row>(text: string): Promise<readonly Row[]> => {
    const [pod] = await namespace.pods('app=pg');
    const endpoint = { host: pod?.status?.podIP ?? '', port: 5432 };
    const login = { user: 'postgres', password, database: 'postgres' };
    await using session = await connect(endpoint, login, { connectTimeoutMs: 10_000 });
    return await session.rows<Row>(text);
  };
  const held = opened.move();
  return {
    namespace,
    file,
    params: kubernetesParams.parse({ ...params, kubeconfig }),
    poorKubeconfig,
    bootOptions: (id, needs, over = {}) => ({
      id,
      needs: needs as readonly CapabilityName[],
      spec: {
        ...threeNodes,
        nodes: 1,
        topology: 'single',
        own: {
          backend: 'kubernetes',
          params: kubernetesParams.parse({ ...params, kubeconfig, ...over }) as Json,
        },
      },
      directory: folder,
      signal: new AbortController().signal,
      log: () => undefined,
    }),
    node: async () => {
      const { metadata, spec } = await theNode();
      const keys = [
        ...Object.keys(metadata?.labels ?? {}),
        ...Object.keys(metadata?.annotations ?? {}),
      ];
      const marks = keys.filter((key) => key.startsWith('forkpoint.dev/')).length;
      return { isCordoned: spec?.unschedulable === true, marks };
    },
    uncordon: async () => {
      const node = await theNode();
      const body = { ...node, spec: { ...node.spec, unschedulable: false } };
      await core.replaceNode({ name: node.metadata?.name ?? '', body });
    },
    replicas: async () => {
      const set = await apps.readNamespacedStatefulSet({ name: 'pg', namespace: name });
      return set.spec?.replicas ?? 1;
    },
    refuseEvictions: async () => {
      const budget = {
        apiVersion: 'policy/v1beta1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'pg', namespace: name },
        spec: { minAvailable: 1, selector: { matchLabels: { app: 'pg' } } },
      };
      await objects
        .create(budget)
        .catch(() => objects.create({ ...budget, apiVersion: 'policy/v1' }));
      return {
        name: 'pg',
        [Symbol.asyncDispose]: async () => {
          await objects.delete(budget);
        },
      };
    },
    rows,
    disks: { data: '/volume', wal: '/volume' },
    mark: async () => {
      await namespace.untilReady('app=pg', 1);
      await rows('CREATE TABLE mark ()');
    },
    isMarked: async () => {
      await namespace.untilReady('app=pg', 1);
      const [row] = await rows<{ found: boolean }>(
        "SELECT to_regclass('mark') IS NOT NULL AS found",
      );
      return row?.found ?? false;
    },
    ours,
    removeOurs: async () => {
      for (const pod of await ours()) {
        await core.deleteNamespacedPod({ name: pod, namespace: name, gracePeriodSeconds: 0 });
      }
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

const rbac = 'rbac.authorization.k8s.io';

/** Disposing it removes what is beyond the namespace. */
async function accountWith(
  { name: namespace, config, apply }: TestNamespace,
  name: string,
  rules: readonly Json[],
  wide: readonly Json[],
): Promise<AsyncDisposable> {
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const objects = KubernetesObjectApi.makeApiClient(config);
  await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
  const pair = (kind: 'Role' | 'ClusterRole', called: string, given: readonly Json[]) => {
    const roleRef = { apiGroup: rbac, kind, name: called };
    const metadata = { name: called };
    const apiVersion = `${rbac}/v1`;
    return [
      { apiVersion, kind, metadata, rules: given },
      { apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects },
    ];
  };
  for (const each of rules.length > 0 ? pair('Role', name, rules) : []) await apply(each);
  const beyond = wide.length > 0 ? pair('ClusterRole', `${namespace}-${name}`, wide) : [];
  for (const each of beyond) await objects.create(each);
  return {
    [Symbol.asyncDispose]: async () => {
      for (const each of beyond) await objects.delete(each);
    },
  };
}

/** Volumes for claims, one after the other, in folders of the node. Disposing it removes both. */
async function volumesOf(
  { name: namespace, config }: TestNamespace,
  count: number,
): Promise<AsyncDisposable> {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const made = Array.from({ length: count }, (_, at) => {
    const folder = `/tmp/forkpoint-volume-${namespace}-${at}`;
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${namespace}-${at}` },
      spec: {
        storageClassName: namespace,
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path: folder, type: 'DirectoryOrCreate' },
      },
    };
    return { folder, volume };
  });
  for (const { volume } of made) await objects.create(volume);
  return {
    [Symbol.asyncDispose]: async () => {
      for (const { folder, volume } of made) {
        await objects.delete(volume);
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** What the container runs where its disk is small: one that ends with it, so that nothing is left on the node. */
const onSmallDisk = (size: string) => ({
  securityContext: { privileged: true },
  command: [
    ...['sh', '-c'],
    `mount -t tmpfs -o size=${size} none /volume && exec tini -g -- forkpoint-entrypoint postgres`,
  ],
});

const statefulSetOn = (storageClassName: string, size?: string) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'pg' },
  spec: {
    serviceName: 'pg',
    replicas: 1,
    selector: { matchLabels: { app: 'pg' } },
    template: {
      metadata: { labels: { app: 'pg' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'postgres',
            image,
            env: [
              { name: 'POSTGRES_PASSWORD', value: password },
              { name: 'PGDATA', value: '/volume/data' },
            ],
            volumeMounts: [{ name: 'data', mountPath: '/volume' }],
            // Without requests whatever has some starves it on a busy machine.
            resources: { requests: { cpu: '300m', memory: '64Mi' } },
            // An open port is not enough: it may recover still.
            readinessProbe: {
              exec: { command: ['pg_isready', '-h', '127.0.0.1'] },
              periodSeconds: 2,
              timeoutSeconds: 10,
            },
            ...(size !== undefined && onSmallDisk(size)),
          },
        ],
      },
    },
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: {
          storageClassName,
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
        },
      },
    ],
  },
});
