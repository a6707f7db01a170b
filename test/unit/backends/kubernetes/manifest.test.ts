import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { manifestOf } from '../../../../src/backends/kubernetes/manifest/manifest.ts';
import type { ManifestOptions } from '../../../../src/backends/kubernetes/manifest/options.ts';
import {
  clusterTextForPod,
  renderManifest,
} from '../../../../src/backends/kubernetes/manifest/render.ts';
import { askedBy } from '../../../../src/backends/kubernetes/manifest/wants.ts';
import type { Json } from '../../../../src/contracts/json.ts';
import { loadRegistryForPlans } from '../../../../src/registry.ts';
import { parseClusterFile } from '../../../../src/scenario/parse/parse-cluster-file.ts';
import { callCli } from '../../../helpers/call-cli.ts';

const deploy = path.resolve(import.meta.dirname, '../../../../deploy/kubernetes');

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** As deploy/kubernetes/base/cluster.yaml. */
const { params } = parseClusterFile(readFileSync(path.join(deploy, 'base/cluster.yaml'), 'utf8'), {
  file: 'cluster.yaml',
  ...(await loadRegistryForPlans()),
}).own as { readonly params: Record<string, Json> };

function manifest(changed: Partial<ManifestOptions> = {}, own: Json = params) {
  return manifestOf({
    asked: askedBy({ backend: 'kubernetes', params: own }),
    clusterText: 'backend: kubernetes\n',
    scenario: { name: 'partition-5s' },
    image: 'forkpoint:0.1.0',
    namespace: 'forkpoint',
    isBefore121: false,
    hasNodes: false,
    ...changed,
  }) as unknown as readonly Resource[];
}

const rulesFor = (own: Json) =>
  JSON.stringify(manifest({}, own).find(({ kind }) => kind === 'Role'));

const schedule = '15 2 * * *';
/** The files of deploy/kubernetes, each with the kinds of the manifest that are in it. */
const onNodes = {
  ...params,
  consent: ['host', 'pod'],
  helper: { image: 'x', undoAs: 'forkpoint-undo' },
};
/** By file, where the base does not ask for it. */
const owns: Readonly<Record<string, Json>> = { 'nodes/cluster-role.yaml': onNodes };
const files: readonly (readonly [string, Partial<ManifestOptions>, readonly string[]])[] = [
  ['base/namespace.yaml', {}, ['Namespace']],
  ['base/rights.yaml', {}, ['ServiceAccount', 'Role', 'RoleBinding', 'Role', 'RoleBinding']],
  ['base/reports.yaml', {}, ['PersistentVolumeClaim']],
  ['run/job.yaml', {}, ['Job']],
  ['nightly/cron-job.yaml', { schedule }, ['CronJob']],
  ['nightly-v1beta1/cron-job.yaml', { schedule, isBefore121: true }, ['CronJob']],
  [
    'nodes/cluster-role.yaml',
    { hasNodes: true },
    ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  ],
];

test.each(files)('%s of deploy/kubernetes is what the command prints', async (file, how, kinds) => {
  const own = owns[file];
  const isInBase = (name: string) => own !== undefined && name === 'forkpoint';
  const chosen = manifest(how, own).filter(
    ({ kind, metadata }) => kinds.includes(kind) && !isInBase(metadata.name),
  );
  expect(chosen.map(({ kind }) => kind)).toEqual(kinds);
  const text = renderManifest(chosen as unknown as readonly Json[], []);
  await expect(text).toMatchFileSnapshot(path.join(deploy, file));
});

const { sites: _job, ...withoutJob } = params;

test('a run in the cluster has no right that its consent does not need', () => {
  const none = rulesFor({ ...withoutJob, consent: ['sql'] });
  expect(none).not.toMatch(/exec|delete|create|patch|update|jobs/);
  const network = rulesFor({ ...withoutJob, consent: ['network'] });
  expect(network).toContain('pods/exec');
  expect(network).not.toMatch(/eviction|jobs/);
  const { helper: _helper, ...withoutHelper } = withoutJob;
  expect(rulesFor({ ...withoutHelper, consent: ['network'] })).not.toMatch(/exec|create/);
  const pod = rulesFor({ ...withoutHelper, consent: ['pod'] });
  expect(pod).toContain('pods/eviction');
  expect(pod).not.toMatch(/exec/);
});

test('the account that takes changes back may do that alone, and only with --nodes beyond its namespace', () => {
  const own = { ...withoutJob, consent: ['scale', 'host'], helper: { image: 'x', undoAs: 'undo' } };
  const ofUndo = (hasNodes: boolean) =>
    manifest({ hasNodes }, own)
      .filter(({ metadata }) => metadata.name.startsWith('undo'))
      .map((each) => [each.kind, JSON.stringify('rules' in each ? each.rules : undefined)]);
  const sets = '[{"apiGroups":["apps"],"resources":["statefulsets"],"verbs":["patch"]}]';
  const nodes = '[{"apiGroups":[""],"resources":["nodes"],"verbs":["patch"]}]';
  const here = [
    ['ServiceAccount', undefined],
    ['Role', sets],
    ['RoleBinding', undefined],
  ];
  expect(ofUndo(false)).toEqual(here);
  expect(ofUndo(true)).toEqual([
    ...here,
    ['ClusterRole', nodes],
    ['ClusterRoleBinding', undefined],
  ]);
});

test('a Secret that the file names is the only one that can be read', () => {
  const rules = rulesFor({ ...params, credentials: { secret: 'app-credentials' } });
  expect(rules).toContain('"secrets"],"verbs":["get"],"resourceNames":["app-credentials"]');
});

test('only load in a Job asks for rights on Jobs', () => {
  expect(rulesFor(params)).toMatch(/"jobs".*pods\/attach/);
  expect(rulesFor(withoutJob)).not.toMatch(/jobs|attach/);
});

test('the rights are where the database is, and the account where Forkpoint is', () => {
  const placed = manifest().map(({ kind, metadata }) => [kind, metadata.namespace]);
  expect(placed).toEqual([
    ['Namespace', undefined],
    ['ServiceAccount', 'forkpoint'],
    ['Role', 'postgres'],
    ['RoleBinding', 'postgres'],
    ['Role', 'default'],
    ['RoleBinding', 'default'],
    ['PersistentVolumeClaim', 'forkpoint'],
    ['ConfigMap', 'forkpoint'],
    ['Job', 'forkpoint'],
  ]);
});

test('a cluster that is no cluster of pods needs no right and no token', () => {
  const asked = askedBy({ backend: 'external', params: { consent: ['network'] } });
  const printed = manifest({ asked });
  expect(printed.map(({ kind }) => kind)).not.toContain('Role');
  const account = printed.find(({ kind }) => kind === 'ServiceAccount');
  expect(account).toMatchObject({ automountServiceAccountToken: false });
});

test('a kubeconfig and a context are no use in a pod, and the rest of the file stays as it is', () => {
  const text = '# Ours.\nbackend: kubernetes\ncontext: kind-kind\nnamespace: db # here\n';
  expect(clusterTextForPod(text)).toBe('# Ours.\nbackend: kubernetes\nnamespace: db # here\n');
});

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-manifest-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, 'staging.cluster.yaml');

const external = `# Staging.
backend: external
consent: [network]
credentials: { user: app, database: app, password: { env: FORKPOINT_STAGING } }
tls: { rootCert: certs/ca.pem }
nodes:
  db1: { host: db1.internal, shell: [ssh, db1], patroni: "http://db1:8008" }
  db2: { host: db2.internal, shell: [ssh, db2], patroni: "http://db2:8008" }
  db3: { host: db3.internal, shell: [ssh, db3], patroni: "http://db3:8008" }
`;

test('`kubernetes manifest` prints a cluster file for kubectl, and no password', async () => {
  writeFileSync(file, external);
  const args = ['kubernetes', 'manifest', '--cluster', file, '--scenario', 'partition-5s'];
  const { exitCode, stdout, stderr } = await callCli([...args, '--image', 'forkpoint:1'], {
    reports: folder,
    env: { FORKPOINT_STAGING: 'secret-of-staging' },
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).not.toContain('secret-of-staging');
  await expect(stdout).toMatchFileSnapshot('../../../golden/kubernetes-manifest.yaml');
});

test('a scenario that the cluster cannot run is refused, and nothing is printed', async () => {
  writeFileSync(file, external.replace('[network]', '[sql]'));
  const args = ['kubernetes', 'manifest', '--cluster', file, '--scenario', 'partition-5s'];
  const { exitCode, stdout, stderr } = await callCli(args, { reports: folder });
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
  expect(stderr).toContain('add network to consent');
});
