import type { JobParams } from './params.ts';

export const workerContainer = 'worker';
/** A Job whose Forkpoint has died, and that was not cleaned, ends by itself. */
const longestSeconds = 24 * 3600;

export interface JobOptions {
  readonly name: string;
  /** By which it is found when Forkpoint has died. */
  readonly labels: Readonly<Record<string, string>>;
  readonly params: JobParams;
  /** Since Kubernetes 1.24: pods have an index in their names. Any pod takes any share of the load all the same. */
  readonly isIndexed: boolean;
  /** Where this process is a pod itself: the Job goes with it. */
  readonly owner?: Owner | undefined;
}

/** A pod, as Kubernetes names what another object goes with. */
export interface Owner {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly name: string;
  readonly uid: string;
}

/**
 * A Job whose pods are load workers. Each waits for one attachment to its standard input and ends with it (`stdinOnce`), so none
 * outlives its supervisor's connection. A pod that fails is replaced by the Job's controller.
 */
export function jobOf(namespace: string, { name, labels, params, isIndexed, owner }: JobOptions) {
  const { parallelism } = params;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels, ...(owner && { ownerReferences: [owner] }) },
    spec: {
      parallelism,
      completions: parallelism,
      // Each loss of a pod counts. Waits between replacements grow, so that this is never reached by accident.
      backoffLimit: 100,
      activeDeadlineSeconds: longestSeconds,
      ...(isIndexed && { completionMode: 'Indexed' }),
      template: { metadata: { labels }, spec: podOf(params) },
    },
  };
}

function podOf({ image, resources, nodeSelector, imagePullPolicy }: JobParams) {
  const { requests, limits } = resources;
  return {
    restartPolicy: 'Never',
    // It flushes within a second when its input ends.
    terminationGracePeriodSeconds: 5,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001 },
    ...(nodeSelector && { nodeSelector }),
    containers: [
      {
        name: workerContainer,
        image,
        ...(imagePullPolicy && { imagePullPolicy }),
        args: ['worker'],
        stdin: true,
        stdinOnce: true,
        resources: { ...(requests && { requests }), ...(limits && { limits }) },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  };
}
