import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CoreV1Api, KubeConfig, type KubernetesObject } from '@kubernetes/client-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { callCli } from '../helpers/call-cli.ts';
import { runCli } from '../helpers/cli.ts';
import { hasKubernetes, sayWhySkipped, testConfig } from '../helpers/kubernetes.ts';
import { type KubernetesServer, startKubernetesServer } from '../helpers/kubernetes-server.ts';
import { laptop } from '../helpers/laptop.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

sayWhySkipped();

const scenario = `name: refused
claim: What the cluster refuses is said before anything is written.
cluster: { topology: single, nodes: 1 }
load: { clients: 1, rate: 5/s, duration: 5s }
faults: [{ at: 1s, fault: partition, target: all, from: clients, for: 1s }]
expect: { lost: 0 }
`;

const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
const secrets = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };
const helpers = { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete'] };

/** Rights of a service account -> what is said of the one that is missing. */
const accounts: Readonly<Record<string, readonly [readonly object[], RegExp]>> = {
  'no-pods': [[secrets], /list pods in namespace .*forbidden.*allow the verb list on pods/s],
  'no-secrets': [[pods], /get secrets in namespace .*forbidden.*allow the verb get on secrets/s],
  'no-helper': [
    [pods, secrets],
    /create pods in namespace .*forbidden.*allow the verb create on pods/s,
  ],
  'no-exec': [
    [pods, secrets, helpers],
    /exec in pod forkpoint-helper-\w+.*403.*allow the verbs get and create on pods\/exec/s,
  ],
};

/** An admission that lets no more pods in, by the server's own means. */
const quota = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'full' },
  spec: { hard: { pods: '1' } },
};

/** More than any node has. */
const pending = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'big', labels: { app: 'big' } },
  spec: {
    containers: [
      {
        name: 'postgres',
        image: 'forkpoint-cluster:pg17',
        resources: { requests: { cpu: '1000' } },
      },
    ],
  },
};
const unpulled = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'unpulled', labels: { app: 'unpulled' } },
  spec: {
    containers: [{ name: 'postgres', image: 'no-such-image:1', imagePullPolicy: 'Never' }],
  },
};

/** It runs, and it is no database. */
const web = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-0', labels: { app: 'web' } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'nginx', image: 'forkpoint-cluster:pg17', command: ['sleep', '3600'] }],
  },
};

/** A cluster file that names what is not there -> what is said of it. */
const absent: Readonly<Record<string, readonly [object, RegExp]>> = {
  'a kubeconfig that is not there': [
    { kubeconfig: '/nowhere/config' },
    /kubeconfig cannot be read: .*\/nowhere\/config'; name one that kubectl works with/,
  ],
  'pods of something else': [
    { selector: 'app=web', nodes: ['web-0'] },
    /web-0: has no container 'postgres'; it has nginx: write container: NAME/,
  ],
  'a Secret that is not there': [
    { credentials: { secret: 'none' } },
    /get secrets in namespace .*"none" not found/,
  ],
};

/** Two clusters that one selector finds; their pods need not run. */
const twins = ['one', 'two'].map((scope) => ({
  ...pending,
  metadata: { name: `twin-${scope}`, labels: { app: 'twin', 'cluster-name': scope } },
}));

describe.skipIf(!hasKubernetes)('what an API server refuses', () => {
  const reports = temporaryReports();
  const owned = ownedBySuite();
  owned.use(reports);
  let server: KubernetesServer;
  let file: string;
  beforeAll(async () => {
    server = owned.use(await startKubernetesServer('refusals'));
    file = server.writeText('refused.yaml', scenario);
    for (const each of [pending, unpulled, web, ...twins]) await server.namespace.apply(each);
  }, 320_000);

  const run = (over: object, name: string) =>
    callCli(['run', file, '--quiet', '--cluster', server.write(`${name}.yaml`, over)], {
      reports: reports.folder,
    });

  /** A kubeconfig of a service account with these rights and no others. */
  const kubeconfigOf = async (name: string, rules: readonly object[]) => {
    const { name: namespace, config } = server.namespace;
    const metadata = { name };
    const api = 'rbac.authorization.k8s.io';
    const made: readonly KubernetesObject[] = [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
      { apiVersion: `${api}/v1`, kind: 'Role', metadata, ...{ rules } },
      {
        apiVersion: `${api}/v1`,
        kind: 'RoleBinding',
        metadata,
        ...{
          roleRef: { apiGroup: api, kind: 'Role', name },
          subjects: [{ kind: 'ServiceAccount', name, namespace }],
        },
      },
    ];
    for (const object of made) await server.namespace.apply(object);
    const token = await tokenOf(namespace, name);
    const own = new KubeConfig();
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new Error('the kubeconfig names no cluster');
    own.loadFromOptions({
      clusters: [cluster],
      users: [{ name, token }],
      contexts: [{ name, cluster: cluster.name, user: name }],
      currentContext: name,
    });
    const place = path.join(path.dirname(file), `${name}.kubeconfig`);
    writeFileSync(place, own.exportConfig());
    return place;
  };

  test.each(Object.entries(accounts))(
    'a service account with %s is told which verb on which resource it lacks',
    async (name, [rules, said]) => {
      const kubeconfig = await kubeconfigOf(name, rules);
      const { exitCode, stderr } = await run({ kubeconfig }, name);
      expect(stderr).toMatch(said);
      expect(exitCode).toBe(4);
    },
    200_000,
  );

  test.each(Object.entries(absent))(
    '%s is named',
    async (name, [over, said]) => {
      const { exitCode, stderr } = await run(over, name.replaceAll(' ', '-'));
      expect(stderr).toMatch(said);
      expect(exitCode).toBe(4);
    },
    200_000,
  );

  test('an admission that denies the helper pod is told, with its own words', async () => {
    await server.namespace.apply(quota);
    const { exitCode, stderr } = await run({}, 'quota');
    expect(stderr).toMatch(/create pods in namespace .*exceeded quota: full/);
    expect(stderr).not.toContain('allow the verb');
    expect(exitCode).toBe(4);
  }, 200_000);

  test('a selector that matches two clusters is told with the labels that tell them apart', async () => {
    const { exitCode, stderr } = await run(
      { selector: 'app=twin', nodes: ['twin-one', 'twin-two'] },
      'twins',
    );
    expect(stderr).toMatch(
      /selector 'app=twin' matches pods of cluster-name=one and cluster-name=two: one cluster is meant/,
    );
    expect(exitCode).toBe(4);
  }, 200_000);

  test('from a laptop a server is looked at through a port-forward, and no load goes there', async () => {
    await using place = await laptop(testConfig(), path.dirname(file));
    const { kubeconfig, prefix } = place;
    const at = server.write('laptop.yaml', { kubeconfig });
    const there = { reports: reports.folder, prefix };
    const doctor = await runCli(['doctor', '--cluster', at], there);
    expect(doctor.stdout).toMatch(
      /way: \S+:5432 leads nowhere from here, so no run can be made from here; looked at through a port-forward, which carries no load/,
    );
    expect(doctor.stdout).toMatch(/server: PostgreSQL 17\S*, primary/);
    const refused = await runCli(['run', file, '--quiet', '--cluster', at], there);
    expect(refused.stderr).toMatch(
      /no pod answers from here: server at .*:5432.*a port-forward ends at the first reset, so it carries no load: run Forkpoint in the cluster/,
    );
    expect([doctor.exitCode, refused.exitCode]).toEqual([4, 4]);
    const forbidden = await kubeconfigOf('no-forward', [pods, secrets]);
    const own = forbidden.replace('.kubeconfig', '-there.kubeconfig');
    const { host } = new URL(testConfig().getCurrentCluster()?.server ?? '');
    writeFileSync(own, readFileSync(forbidden, 'utf8').replaceAll(host, place.host));
    const poor = server.write('no-forward.yaml', { kubeconfig: own, consent: [] });
    const told = await runCli(['doctor', '--cluster', poor], there);
    expect(told.stdout).toMatch(
      /portforward in pod server .*403.*allow the verbs get and create on pods\/portforward/,
    );
  }, 300_000);

  test('pods that do not run are told with the scheduler’s or the kubelet’s reason', async () => {
    const big = await run({ selector: 'app=big', nodes: ['big'] }, 'big');
    expect(big.stderr).toMatch(/big: is Pending: .*Insufficient cpu/);
    const absent = await run({ selector: 'app=unpulled', nodes: ['unpulled'] }, 'unpulled');
    expect(absent.stderr).toMatch(/unpulled: is Pending: .*no-such-image:1/);
    expect([big.exitCode, absent.exitCode]).toEqual([4, 4]);
  }, 200_000);
});

async function tokenOf(namespace: string, name: string): Promise<string> {
  const core = testConfig().makeApiClient(CoreV1Api);
  const body = { spec: { audiences: [], expirationSeconds: 3_600 } };
  const { status } = await core.createNamespacedServiceAccountToken({ name, namespace, body });
  return status?.token ?? '';
}
