import type { Json } from '../../../contracts/json.ts';
import type { ManifestOptions } from './options.ts';
import { podSpec } from './pod.ts';
import { nodeRulesOf, rulesOf, serviceRules, undoRulesOf } from './rules.ts';
import type { Asked } from './wants.ts';

const name = 'forkpoint';
const labels = { 'app.kubernetes.io/name': name };
const rbac = 'rbac.authorization.k8s.io';

/** Everything that a run in the cluster needs, in the order in which it is applied. Never a secret's value. */
export function manifestOf(options: ManifestOptions): readonly Json[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: options.namespace, labels } },
    ...rightsOf(options),
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: inNamespace(options.namespace, `${name}-reports`),
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: inNamespace(options.namespace, name),
      data: {
        'cluster.yaml': options.clusterText,
        ...(options.scenario.text !== undefined && { 'scenario.yaml': options.scenario.text }),
      },
    },
    options.schedule === undefined ? jobOf(options) : cronJobOf(options, options.schedule),
  ];
}

/** A Role where the database is. What acts on nodes has a ClusterRole of its own. */
function rightsOf(options: ManifestOptions): readonly Json[] {
  const { namespace, asked, hasNodes } = options;
  const account = { kind: 'ServiceAccount', name, namespace };
  const ofAccount = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: inNamespace(namespace, name),
    // A pod that asks nothing of the API has no token for it.
    ...(asked.namespace === undefined && { automountServiceAccountToken: false }),
  };
  if (asked.namespace === undefined) return [ofAccount];
  return [
    ofAccount,
    ...role(inNamespace(asked.namespace, name), rulesOf(asked), account),
    ...(asked.isDcsKubernetes
      ? role(inNamespace('default', `${name}-api`), serviceRules, account)
      : []),
    ...(asked.undoAs === undefined
      ? []
      : undoRights({ ...asked, namespace: asked.namespace, undoAs: asked.undoAs }, hasNodes)),
    ...(hasNodes ? nodeRights(`${name}-nodes`, nodeRulesOf(asked, 'ours'), account) : []),
  ];
}

function role(
  metadata: { readonly name: string; readonly namespace: string },
  rules: readonly Json[],
  account: Json,
): readonly Json[] {
  return [
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: metadata.name },
      subjects: [account],
    },
  ];
}

/** The account of the pod that takes changes back when this one's pod has died: beside the database, and with those rights alone. */
function undoRights(
  asked: Asked & { readonly namespace: string; readonly undoAs: string },
  hasNodes: boolean,
): readonly Json[] {
  const { namespace, undoAs } = asked;
  const account = { kind: 'ServiceAccount', name: undoAs, namespace };
  const rules = undoRulesOf(asked);
  const wide = hasNodes ? nodeRulesOf(asked, 'undo') : [];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inNamespace(namespace, undoAs) },
    ...(rules.length > 0 ? role(inNamespace(namespace, undoAs), rules, account) : []),
    ...(wide.length > 0 ? nodeRights(`${undoAs}-nodes`, wide, account) : []),
  ];
}

function nodeRights(called: string, rules: readonly Json[], account: Json): readonly Json[] {
  const metadata = { name: called, labels };
  return [
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: called },
      subjects: [account],
    },
  ];
}

/** One run: the Job has failed or succeeded as the run has, and its pod has the run's exit code. */
function jobOf(options: ManifestOptions): Json {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: inNamespace(options.namespace, `${name}-${options.scenario.name}`),
    spec: jobSpec(options),
  };
}

function cronJobOf(options: ManifestOptions, schedule: string): Json {
  return {
    apiVersion: options.isBefore121 ? 'batch/v1beta1' : 'batch/v1',
    kind: 'CronJob',
    metadata: inNamespace(options.namespace, `${name}-nightly`),
    spec: {
      schedule,
      // Two runs on one cluster would judge each other's faults.
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 7,
      failedJobsHistoryLimit: 14,
      jobTemplate: { spec: jobSpec(options) },
    },
  };
}

function jobSpec(options: ManifestOptions): Json {
  return {
    // A verdict is not retried: a second run would hide what the first one found.
    backoffLimit: 0,
    template: { metadata: { labels }, spec: podSpec(options) },
  };
}

function inNamespace(namespace: string, called: string) {
  return { name: called, namespace, labels };
}
