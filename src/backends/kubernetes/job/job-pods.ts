import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchV1Api,
  CoreV1Api,
  type KubeConfig,
  KubernetesObjectApi,
  type V1Pod,
} from '@kubernetes/client-node';
import { EnvironmentError } from '../../../std/errors.ts';
import { monotonicMs } from '../../../std/wait.ts';
import { ask, codeOf } from '../api.ts';
import { jobOf, type JobOptions } from './job.ts';
import { isHopeless, isRunning, whyNotRunning } from './pod-state.ts';

const everyMs = 300;
/** For scheduling, pulling the image and starting it. */
const longestMs = 120_000;

/** The pods of one Job, each to be taken once. */
export class JobPods implements AsyncDisposable {
  readonly #core: CoreV1Api;
  readonly #batch: BatchV1Api;
  readonly #namespace: string;
  readonly #options: JobOptions;
  readonly #taken = new Set<string>();
  #listing: Promise<readonly V1Pod[]> | undefined;

  /** Makes the Job. Errors: EnvironmentError with what the API server answered. */
  static async create(
    config: KubeConfig,
    namespace: string,
    options: JobOptions,
  ): Promise<JobPods> {
    const pods = new JobPods(config, namespace, options);
    const body = jobOf(namespace, options);
    const objects = KubernetesObjectApi.makeApiClient(config);
    await ask({ namespace }, 'create', 'jobs', () => objects.create(body));
    return pods;
  }

  private constructor(config: KubeConfig, namespace: string, options: JobOptions) {
    this.#core = config.makeApiClient(CoreV1Api);
    this.#batch = config.makeApiClient(BatchV1Api);
    this.#namespace = namespace;
    this.#options = options;
  }

  /** The name of a pod that runs and was not taken. Errors: EnvironmentError with the reasons of those that do not run. */
  async next(): Promise<string> {
    const endMs = monotonicMs() + longestMs;
    for (;;) {
      const pods = await this.#list();
      const free = pods.find((pod) => isRunning(pod) && !this.#taken.has(nameOf(pod)));
      if (free) {
        this.#taken.add(nameOf(free));
        return nameOf(free);
      }
      const reasons = [...new Set(pods.map(whyNotRunning).filter((why) => why !== undefined))];
      if (monotonicMs() > endMs || reasons.some(isHopeless)) throw this.#tooFew(pods, reasons);
      await sleep(everyMs);
    }
  }

  /** Undefined: it is gone. Errors: EnvironmentError. */
  async read(name: string): Promise<V1Pod | undefined> {
    return (await this.#list()).find((pod) => nameOf(pod) === name);
  }

  /** Deletes the Job; Kubernetes deletes its pods. Errors: EnvironmentError. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { name } = this.#options;
    const namespace = this.#namespace;
    await ask({ namespace }, 'delete', 'jobs', () =>
      this.#batch
        .deleteNamespacedJob({ name, namespace, propagationPolicy: 'Background' })
        .catch((error: unknown) => {
          if (codeOf(error) !== 404) throw error;
        }),
    );
  }

  /** One question for all who ask at the same time. A periodic list is the truth: watches go silent. */
  #list(): Promise<readonly V1Pod[]> {
    const namespace = this.#namespace;
    const labelSelector = `job-name=${this.#options.name}`;
    this.#listing ??= ask({ namespace }, 'list', 'pods', () =>
      this.#core.listNamespacedPod({ namespace, labelSelector }),
    )
      .then(({ items }) => items)
      .finally(() => (this.#listing = undefined));
    return this.#listing;
  }

  #tooFew(pods: readonly V1Pod[], reasons: readonly string[]): EnvironmentError {
    const { name, params } = this.#options;
    const running = pods.filter(isRunning).length;
    const because =
      reasons.length > 0
        ? reasons.join('; ')
        : `kubectl -n ${this.#namespace} describe job ${name} says why`;
    return new EnvironmentError(
      `sites.clients.job: ${running} of ${params.parallelism} pods of Job ${name} run: ${because}`,
    );
  }
}

function nameOf({ metadata }: V1Pod): string {
  return metadata?.name ?? '';
}
