import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api, type KubeConfig, VersionApi } from '@kubernetes/client-node';
import type { ClientSite } from '../../../contracts/cluster.ts';
import type { Channel, ChannelEnd, Shell } from '../../../contracts/shell.ts';
import { EnvironmentError } from '../../../std/errors.ts';
import { ask } from '../api.ts';
import { attach } from './attach.ts';
import { type Owner, workerContainer } from './job.ts';
import { JobPods } from './job-pods.ts';
import { helperLabel as partLabel, runLabel } from '../labels.ts';
import type { JobParams } from './params.ts';
import { exitCodeOf } from './pod-state.ts';

export interface JobSiteOptions {
  readonly config: KubeConfig;
  readonly namespace: string;
  readonly params: JobParams;
  /** Names the Job; lower-case letters, digits and hyphens. */
  readonly id: string;
}

/** Until the kubelet has told the API server how a container ended. */
const statusWaitMs = 5_000;
const statusEveryMs = 200;
/** The controller replaces a pod that died before it was attached to. */
const attempts = 3;

/** Load in the pods of a Job, which is made with the first worker. Disposing it deletes the Job. */
export function jobSite(options: JobSiteOptions): ClientSite & AsyncDisposable {
  const { params, namespace } = options;
  const name = `forkpoint-load-${options.id}`;
  let pods: Promise<JobPods> | undefined;
  const made = () => (pods ??= makeJob(name, options));
  const description = `${params.parallelism} pods of Job ${name} in namespace ${namespace}`;
  const shell: Shell = {
    description,
    run: () =>
      Promise.reject(
        new EnvironmentError(`${description}: they are load workers and run no other command`),
      ),
    open: async () => openWorker(await made(), options),
  };
  return {
    name: 'clients',
    description,
    shell,
    isRemote: true,
    workers: params.parallelism,
    replaces: true,
    [Symbol.asyncDispose]: async () =>
      (await pods?.catch(() => undefined))?.[Symbol.asyncDispose](),
  };
}

async function makeJob(name: string, options: JobSiteOptions): Promise<JobPods> {
  const { config, namespace, params } = options;
  const [isIndexed, owner] = await Promise.all([hasIndexedJobs(config), ownerIn(options)]);
  const labels = { [partLabel]: 'load', [runLabel]: options.id };
  return JobPods.create(config, namespace, { name, labels, params, isIndexed, owner });
}

async function openWorker(pods: JobPods, options: JobSiteOptions): Promise<Channel> {
  const { config, namespace } = options;
  for (let attempt = 1; ; attempt++) {
    const pod = await pods.next();
    const address = { namespace, pod, container: workerContainer };
    try {
      return await attach(config, address, (why) => endOf(pods, pod, why));
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}

/** How a worker's container ended, once its connection is over. */
async function endOf(
  pods: JobPods,
  name: string,
  why: string,
): Promise<Omit<ChannelEnd, 'stderr'>> {
  const endMs = performance.now() + statusWaitMs;
  for (;;) {
    const pod = await pods.read(name).catch(() => undefined);
    if (!pod) return { outcome: 'unknown', how: `pod ${name} is gone` };
    const code = exitCodeOf(pod);
    // As shells number deaths by a signal.
    if (code === 137) return { outcome: 'killed', how: 'SIGKILL' };
    if (code !== undefined) return { outcome: 'exited', how: `exit code ${code}` };
    if (performance.now() > endMs) {
      return { outcome: 'unknown', how: `pod ${name}: ${why}` };
    }
    await sleep(statusEveryMs);
  }
}

async function hasIndexedJobs(config: KubeConfig): Promise<boolean> {
  const version = config.makeApiClient(VersionApi);
  const { major, minor } = await ask({ namespace: 'default' }, 'get', '/version', () =>
    version.getCode(),
  );
  return offersIndexedJobs({ major, minor });
}

/** Stable since Kubernetes 1.24; older servers drop the key without a word. Managed servers say `24+`. */
export function offersIndexedJobs(version: {
  readonly major: string;
  readonly minor: string;
}): boolean {
  const [major, minor] = [version.major, version.minor].map((text) => Number.parseInt(text, 10));
  return (major ?? 0) > 1 || ((major ?? 0) === 1 && (minor ?? 0) >= 24);
}

/** This process's own pod, where it is one of the same namespace: the Job is removed with it. */
async function ownerIn({ config, namespace }: JobSiteOptions): Promise<Owner | undefined> {
  const file = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';
  const own = await readFile(file, 'utf8').catch(() => undefined);
  if (own?.trim() !== namespace) return undefined;
  const name = hostname();
  const pod = await config
    .makeApiClient(CoreV1Api)
    .readNamespacedPod({ name, namespace })
    .catch(() => undefined);
  const uid = pod?.metadata?.uid;
  return uid === undefined ? undefined : { apiVersion: 'v1', kind: 'Pod', name, uid };
}
