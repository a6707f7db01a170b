import type { V1Pod } from '@kubernetes/client-node';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { withDeadline } from '../../std/with-deadline.ts';
import { AnswerGaps } from './answer-gaps.ts';
import { type Api, ask } from './api.ts';
import type { KubernetesParams } from './params.ts';

/** One database pod as it is now. */
export interface PodState {
  readonly name: string;
  readonly uid: string;
  readonly address: string;
  /** The Kubernetes node that it runs on. */
  readonly host: string;
  /** Of the database's container, without its scheme; '' while there is none. */
  readonly containerId: string;
}

/** Asks which pods the selector finds now. Errors: EnvironmentError. */
export async function listPods(api: Api, { selector }: Pick<KubernetesParams, 'selector'>) {
  const { items } = await ask(api, 'list', 'pods', () =>
    api.core.listNamespacedPod({ namespace: api.namespace, labelSelector: selector }),
  );
  return items;
}

/** Undefined: it has no address yet, or it is going away. */
export function stateOf(pod: V1Pod, container: string): PodState | undefined {
  const { name, uid, deletionTimestamp } = pod.metadata ?? {};
  const { podIP: address } = pod.status ?? {};
  const host = pod.spec?.nodeName;
  if (name === undefined || uid === undefined || host === undefined) return undefined;
  if (address === undefined || address === '' || deletionTimestamp !== undefined) return undefined;
  const status = pod.status?.containerStatuses?.find((one) => one.name === container);
  const containerId = status?.containerID?.replace(/^.*:\/\//, '') ?? '';
  return { name, uid, address, host, containerId };
}

/** Why these pods are not the cluster of the file, a sentence each; empty: they are. */
export function problemsOf(pods: readonly V1Pod[], params: KubernetesParams): readonly string[] {
  const { selector, nodes, namespace, container } = params;
  const found = pods.map(({ metadata }) => metadata?.name ?? '');
  if (found.length === 0) {
    return [
      `selector '${selector}' matches no pod in namespace ${namespace}; kubectl -n ${namespace} get pods --show-labels shows what there is`,
    ];
  }
  const strangers = found.filter((name) => !nodes.includes(name));
  const missing = nodes.filter((name) => !found.includes(name));
  const owners = ownersOf(pods);
  return [
    ...(owners.length > 1
      ? [
          `selector '${selector}' matches pods of ${owners.join(' and ')}: one cluster is meant; add a label that tells them apart`,
        ]
      : []),
    ...(strangers.length > 0
      ? [
          `selector '${selector}' matches ${strangers.join(', ')}, which nodes does not name; write nodes: [${found.join(', ')}], or narrow the selector`,
        ]
      : []),
    ...(missing.length > 0
      ? [
          `nodes names ${missing.join(', ')}, which selector '${selector}' does not match; it matches ${found.join(', ')}`,
        ]
      : []),
    ...pods.flatMap((pod) => notRunning(pod, container)),
  ];
}

/** Two StatefulSets with Patroni's scopes of their own are two clusters; Crunchy's has one StatefulSet for each pod. */
function ownersOf(pods: readonly V1Pod[]): readonly string[] {
  const clusterLabels = [
    ...['cluster-name', 'cnpg.io/cluster', 'postgres-operator.crunchydata.com/cluster'],
    'app.kubernetes.io/instance',
  ];
  for (const label of clusterLabels) {
    const values = new Set(pods.map(({ metadata }) => metadata?.labels?.[label]));
    if (values.size > 1) return [...values].map((value) => `${label}=${value ?? '(none)'}`);
  }
  return [];
}

function notRunning(pod: V1Pod, container: string): readonly string[] {
  const name = pod.metadata?.name ?? '';
  const containers = pod.spec?.containers.map((one) => one.name) ?? [];
  if (!containers.includes(container)) {
    return [
      `${name}: has no container '${container}'; it has ${containers.join(', ')}: write container: NAME`,
    ];
  }
  if (pod.status?.phase === 'Running') return [];
  const unscheduled = pod.status?.conditions?.find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  );
  const waiting = pod.status?.containerStatuses?.find((one) => one.name === container)?.state
    ?.waiting;
  const why = unscheduled?.message ?? waiting?.message ?? waiting?.reason ?? 'no reason was given';
  return [`${name}: is ${pod.status?.phase ?? 'in no phase'}: ${why}`];
}

const pollEveryMs = 500;
/** A busy API server answers in less; one behind a cut path would keep the watch waiting. */
const pollTimeoutMs = 5_000;

/** Follows the pods: names stay, addresses do not. A list now and then is the truth, since watches go silent. */
export class PodWatch implements Disposable {
  readonly #api: Api;
  readonly #params: KubernetesParams;
  readonly #states = new Map<string, PodState>();
  readonly #listeners: ((name: string) => void)[] = [];
  /** When the API server gave no answer. */
  readonly gaps = new AnswerGaps();
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;
  /** The API server's last refusal; undefined: it answered. */
  trouble: string | undefined;

  private constructor(api: Api, params: KubernetesParams) {
    this.#api = api;
    this.#params = params;
  }

  /** Errors: EnvironmentError where the pods are not the cluster of the file. */
  static async start(api: Api, params: KubernetesParams): Promise<PodWatch> {
    const watch = new PodWatch(api, params);
    const pods = await listPods(api, params);
    const problems = problemsOf(pods, params);
    if (problems.length > 0) throw new EnvironmentError(problems.join('\n'));
    watch.#take(pods);
    watch.#timer = setInterval(() => void watch.refresh(), pollEveryMs);
    watch.#timer.unref();
    return watch;
  }

  /** The last that was seen of it, which may be gone. */
  state(name: string): PodState {
    const state = this.#states.get(name);
    if (state) return state;
    throw new EnvironmentError(`${name}: has no address; kubectl describe pod ${name} says why`);
  }

  /** Called with the name of a pod that was replaced, or whose container was. */
  onReplaced(listener: (name: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Asks now. Never rejects: what is not answered stays as it was. */
  async refresh(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const limit = { what: 'list pods', timeoutMs: pollTimeoutMs };
      const replaced = this.#take(await withDeadline(listPods(this.#api, this.#params), limit));
      this.trouble = undefined;
      this.gaps.answered(replaced);
    } catch (error) {
      this.trouble = messageOf(error);
      this.gaps.unanswered();
    } finally {
      this.#isAsking = false;
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Returns the pods that are not those of before: others of their name, or none. */
  #take(pods: readonly V1Pod[]): readonly string[] {
    const { container, nodes } = this.#params;
    const states = new Map(
      pods.flatMap((pod) => {
        const state = stateOf(pod, container);
        return state ? [[state.name, state] as const] : [];
      }),
    );
    return nodes.filter((name) => {
      const state = states.get(name);
      const before = this.#states.get(name);
      if (!state) return before !== undefined;
      this.#states.set(name, state);
      if (!before || before.uid === state.uid) return false;
      for (const listener of this.#listeners) listener(name);
      return true;
    });
  }
}
